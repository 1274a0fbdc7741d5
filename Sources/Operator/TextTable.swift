/// Rows and columns for a terminal: columns as wide as their widest cell, two spaces between.
package struct TextTable: Sendable {
    private let header: [String]
    private var rows: [[String]] = []

    package init(_ header: String...) { self.header = header }

    package mutating func add(_ cells: String...) { rows.append(cells) }

    /// The lines, without spaces at their ends; the header alone if there are no rows.
    package var lines: [String] {
        let widths = header.indices.map { column in
            ([header] + rows).map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return ([header] + rows).map { row in
            var line = ""
            for (cell, width) in zip(row, widths) {
                line += cell + String(repeating: " ", count: width - cell.count + 2)
            }
            while line.last == " " { line.removeLast() }
            return line
        }
    }
}

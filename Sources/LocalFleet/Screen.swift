import Foundation
import Synchronization

/// Where a fleet tells people what goes on: lines, and a table that is redrawn in place on a terminal for as long as nothing else
/// has been written below it.
package final class Screen: Sendable {
    private struct State {
        var table: [String] = []
        /// Lines of the table that are the last thing on the terminal; 0 when something was written after it.
        var redrawable = 0
    }

    private let state = Mutex(State())
    private let isTerminal: Bool
    private let write: @Sendable (String) -> Void

    /// - Parameters:
    ///   - isTerminal: whether lines can be taken back.
    ///   - write: takes text that ends in a line break.
    package init(
        isTerminal: Bool = isatty(STDOUT_FILENO) == 1,
        write: @escaping @Sendable (String) -> Void = { FileHandle.standardOutput.write(Data($0.utf8)) }
    ) {
        self.isTerminal = isTerminal
        self.write = write
    }

    /// Writes a line below everything else.
    package func line(_ text: String) {
        state.withLock { state in
            state.redrawable = 0
            write(text + "\n")
        }
    }

    /// Shows a table, in place of the one before where that can be; the same table again is not shown.
    package func table(_ lines: [String]) {
        state.withLock { state in
            guard lines != state.table else { return }
            // Up to the first line of the old table, and clear from there (ECMA-48, CUU and ED).
            let erase = isTerminal && state.redrawable > 0 ? "\u{1B}[\(state.redrawable)A\u{1B}[J" : ""
            write(erase + lines.joined(separator: "\n") + "\n\n")
            state.table = lines
            state.redrawable = lines.count + 1
        }
    }
}

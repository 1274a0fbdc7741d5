import Foundation

/// Walks JSON text forwards, stepping over what nobody asked for. It trusts that Asterisk writes valid JSON, and on anything
/// else stops at the end of the text.
struct JSONScanner {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// Visits the members of the object that starts here; `visit` must step over each value, by reading or ``skip()``.
    /// - Returns: whether an object starts here.
    mutating func members(_ visit: (inout JSONScanner, Slice<UnsafeRawBufferPointer>) -> Void) -> Bool {
        guard next() == UInt8(ascii: "{") else {
            skip()
            return false
        }
        position += 1
        while let byte = next(), byte != UInt8(ascii: "}") {
            if byte == UInt8(ascii: ",") {
                position += 1
                continue
            }
            guard let key = stringSlice(), next() == UInt8(ascii: ":") else {
                position = bytes.count
                return true
            }
            position += 1
            visit(&self, key)
        }
        position += 1
        return true
    }

    /// Reads the string that starts here, or steps over any other value.
    mutating func string() -> String? {
        let start = next() == nil ? bytes.count : position
        guard let slice = stringSlice() else {
            skip()
            return nil
        }
        guard slice.contains(UInt8(ascii: "\\")) else { return String(decoding: slice, as: UTF8.self) }
        return try? JSONDecoder().decode(String.self, from: Data(bytes[start..<position]))
    }

    /// Steps over one value of any kind.
    mutating func skip() {
        var depth = 0
        while let byte = next() {
            switch byte {
            case UInt8(ascii: "\""): _ = stringSlice()
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                position += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                // The end of the object around a value that is missing.
                if depth == 0 { return }
                depth -= 1
                position += 1
            case UInt8(ascii: ","), UInt8(ascii: ":"):
                if depth == 0 { return }
                position += 1
                continue
            default: skipWord()
            }
            if depth == 0 { return }
        }
    }

    /// The bytes between the quotes of the string that starts here.
    private mutating func stringSlice() -> Slice<UnsafeRawBufferPointer>? {
        guard next() == UInt8(ascii: "\"") else { return nil }
        let start = position + 1
        var end = start
        while end < bytes.count, bytes[end] != UInt8(ascii: "\"") {
            end += bytes[end] == UInt8(ascii: "\\") ? 2 : 1
        }
        end = min(end, bytes.count)
        position = min(end + 1, bytes.count)
        return bytes[start..<max(start, end)]
    }

    /// Numbers, `true`, `false` and `null`.
    private mutating func skipWord() {
        while position < bytes.count, !",:{}[]\" \n\r\t".utf8.contains(bytes[position]) { position += 1 }
    }

    /// The next byte that is not white space.
    private mutating func next() -> UInt8? {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0a, 0x0d, 0x09: position += 1
            default: return bytes[position]
            }
        }
        return nil
    }
}

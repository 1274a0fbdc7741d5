import Foundation

/// Walks JSON text forwards, stepping over what nobody asked for. It trusts that Asterisk writes valid JSON, and on anything
/// else stops at the end of the text.
package struct JSONScanner {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    /// - Parameter bytes: valid as long as this is.
    package init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// Visits the members of the object that starts here; `visit` must step over each value, by reading or ``skip()``.
    /// - Returns: whether an object starts here.
    package mutating func members(_ visit: (inout JSONScanner, Slice<UnsafeRawBufferPointer>) -> Void) -> Bool {
        guard enter() else { return false }
        while let key = nextKey() { visit(&self, key) }
        return true
    }

    /// Steps into the object that starts here, or over any other value.
    /// - Returns: whether an object starts here; then ``nextKey()`` goes on.
    package mutating func enter() -> Bool {
        guard next() == UInt8(ascii: "{") else {
            skip()
            return false
        }
        position += 1
        return true
    }

    /// The key of the object's next member, whose value must be read or stepped over before this is asked again; nil at its end.
    package mutating func nextKey() -> Slice<UnsafeRawBufferPointer>? {
        while next() == UInt8(ascii: ",") { position += 1 }
        guard next() != UInt8(ascii: "}"), let key = stringSlice(), next() == UInt8(ascii: ":") else {
            // The end of the object, or of anything that makes sense.
            position = next() == UInt8(ascii: "}") ? position + 1 : bytes.count
            return nil
        }
        position += 1
        return key
    }

    /// Steps into the array that starts here, or over any other value.
    /// - Returns: whether an array starts here; then ``nextItem()`` goes on.
    package mutating func enterArray() -> Bool {
        guard next() == UInt8(ascii: "[") else {
            skip()
            return false
        }
        position += 1
        return true
    }

    /// Whether there is one more item in the array, which must be read or stepped over before this is asked again.
    package mutating func nextItem() -> Bool {
        while next() == UInt8(ascii: ",") { position += 1 }
        guard let byte = next(), byte != UInt8(ascii: "]"), byte != UInt8(ascii: "}"), byte != UInt8(ascii: ":") else {
            position = next() == UInt8(ascii: "]") ? position + 1 : bytes.count
            return false
        }
        return true
    }

    /// Reads the string that starts here, or steps over any other value.
    package mutating func string() -> String? {
        let start = next() == nil ? bytes.count : position
        var isEscaped = false
        guard let slice = stringSlice(&isEscaped) else {
            skip()
            return nil
        }
        guard isEscaped else { return String(decoding: UnsafeRawBufferPointer(rebasing: slice), as: UTF8.self) }
        return try? JSONDecoder().decode(String.self, from: Data(bytes[start..<position]))
    }

    /// Reads the whole number that starts here, or steps over any other value.
    package mutating func integer() -> Int? {
        guard let byte = next(), byte == UInt8(ascii: "-") || (0x30...0x39).contains(byte) else {
            skip()
            return nil
        }
        let start = position
        skipWord()
        return Int(String(decoding: UnsafeRawBufferPointer(rebasing: bytes[start..<position]), as: UTF8.self))
    }

    /// Steps over one value of any kind.
    package mutating func skip() {
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
        var isEscaped = false
        return stringSlice(&isEscaped)
    }

    private mutating func stringSlice(_ isEscaped: inout Bool) -> Slice<UnsafeRawBufferPointer>? {
        guard next() == UInt8(ascii: "\"") else { return nil }
        let start = position + 1
        var end = start
        while end < bytes.count, bytes[end] != UInt8(ascii: "\"") {
            guard bytes[end] == UInt8(ascii: "\\") else {
                end += 1
                continue
            }
            isEscaped = true
            end += 2
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

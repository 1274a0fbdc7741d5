import CRabbitMQ
import Foundation

/// Strings as librabbitmq wants them: borrowed for the time of a call.
enum AMQPBytes {
    /// Calls `body` with the UTF-8 bytes of `strings`.
    static func with<Result>(_ strings: [String], _ body: ([amqp_bytes_t]) -> Result) -> Result {
        var bytes: [UInt8] = []
        var lengths: [Int] = []
        for string in strings {
            let before = bytes.count
            bytes.append(contentsOf: string.utf8)
            lengths.append(bytes.count - before)
        }
        // An empty array may have no address, which librabbitmq takes for a missing value only where length is 0; so it is fine.
        return bytes.withUnsafeMutableBufferPointer { buffer in
            var offset = 0
            let views = lengths.map { length in
                defer { offset += length }
                return amqp_bytes_t(len: length, bytes: buffer.baseAddress.map { UnsafeMutableRawPointer($0 + offset) })
            }
            return body(views)
        }
    }

    /// A copy of bytes as text.
    static func text(_ bytes: amqp_bytes_t) -> String {
        guard let start = bytes.bytes else { return "" }
        return String(decoding: UnsafeRawBufferPointer(start: start, count: bytes.len), as: UTF8.self)
    }
}

/// An AMQP table of texts, numbers, flags and headers without a value.
struct AMQPTable {
    private let entries: [AMQPMessage.Header]

    init(_ entries: [AMQPMessage.Header]) { self.entries = entries }

    /// Copies what is of our kinds out of a table; other kinds are left out.
    init(copying table: amqp_table_t) {
        var entries: [AMQPMessage.Header] = []
        for index in 0..<Int(table.num_entries) {
            let entry = table.entries[index]
            let name = AMQPBytes.text(entry.key)
            switch UInt32(entry.value.kind) {
            case AMQP_FIELD_KIND_UTF8.rawValue, AMQP_FIELD_KIND_BYTES.rawValue:
                entries.append(.init(name, .text(AMQPBytes.text(entry.value.value.bytes))))
            case AMQP_FIELD_KIND_I64.rawValue:
                entries.append(.init(name, .number(entry.value.value.i64)))
            case AMQP_FIELD_KIND_I32.rawValue:
                entries.append(.init(name, .number(Int64(entry.value.value.i32))))
            case AMQP_FIELD_KIND_BOOLEAN.rawValue:
                entries.append(.init(name, .flag(entry.value.value.boolean != 0)))
            case AMQP_FIELD_KIND_VOID.rawValue:
                entries.append(.init(name, .null))
            default:
                continue
            }
        }
        self.entries = entries
    }

    var headers: [AMQPMessage.Header] { entries }

    /// Calls `body` with the table in the library's form.
    func withTable<Result>(_ body: (amqp_table_t) -> Result) -> Result {
        var strings: [String] = []
        for entry in entries {
            strings.append(entry.name)
            if case .text(let text) = entry.value { strings.append(text) }
        }
        return AMQPBytes.with(strings) { bytes in
            var next = bytes.makeIterator()
            func string() -> amqp_bytes_t { next.next() ?? amqp_empty_bytes }
            var converted: [amqp_table_entry_t] = []
            converted.reserveCapacity(entries.count)
            for entry in entries {
                var field = amqp_table_entry_t()
                field.key = string()
                switch entry.value {
                case .text:
                    field.value.kind = UInt8(AMQP_FIELD_KIND_UTF8.rawValue)
                    field.value.value.bytes = string()
                case .number(let number):
                    field.value.kind = UInt8(AMQP_FIELD_KIND_I64.rawValue)
                    field.value.value.i64 = number
                case .flag(let flag):
                    field.value.kind = UInt8(AMQP_FIELD_KIND_BOOLEAN.rawValue)
                    field.value.value.boolean = flag ? 1 : 0
                case .null: field.value.kind = UInt8(AMQP_FIELD_KIND_VOID.rawValue)
                }
                converted.append(field)
            }
            return converted.withUnsafeMutableBufferPointer {
                body(amqp_table_t(num_entries: Int32($0.count), entries: $0.baseAddress))
            }
        }
    }
}

import Foundation
import Registry

/// The folder of node records in Consul's store, as one read of it shows it.
///
/// The folder's own key carries a mark that is made with the first record. When the mark changes, Consul has lost its
/// data; when a record is gone under the same mark, its node was deregistered.
struct NodeFolder: Sendable, Hashable {
    /// A record and the index for changing it.
    struct Entry: Sendable, Hashable {
        var record: NodeRecord
        var modifyIndex: UInt64
    }

    /// What the folder's own key says.
    struct Mark: Codable, Sendable, Hashable {
        /// Random, made once for each set of data.
        var origin: String
        /// Counts the changes of who is there, so that two of them never happen at once.
        var count: Int
    }

    /// Name of a node -> its record.
    var entries: [String: Entry] = [:]
    var mark: Mark?
    /// The index of the folder's key; 0 when there is none.
    var markIndex: UInt64 = 0

    init() {}

    /// - Parameter path: the folder's key, which ends with a slash. What cannot be read is passed over.
    init(_ pairs: [KVPair], path: String) {
        for pair in pairs {
            if pair.key == path {
                mark = try? JSONDecoder().decode(Mark.self, from: Data(pair.value))
                markIndex = pair.modifyIndex
            } else if let record = try? JSONDecoder().decode(NodeRecord.self, from: Data(pair.value)),
                pair.key == path + record.name
            {
                entries[record.name] = Entry(record: record, modifyIndex: pair.modifyIndex)
            }
        }
    }

    /// The mark after a change of who is there.
    var nextMark: Mark { Mark(origin: mark?.origin ?? UUID().uuidString, count: (mark?.count ?? 0) + 1) }
}

/// Writes what Consul stores.
enum StoredJSON {
    static func bytes(_ value: some Encodable) throws(RegistryError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return Array(try encoder.encode(value))
        } catch {
            throw .unavailable("a record cannot be written as JSON (\(error))")
        }
    }
}

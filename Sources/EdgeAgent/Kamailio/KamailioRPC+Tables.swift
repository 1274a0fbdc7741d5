extension KamailioRPC {
    /// What a table holds now.
    func table(_ name: String) async throws(KamailioRPCError) -> [String: String] {
        let slots = try await query(KamailioCommand("htable.dump", [.text(name)]), as: [Slot].self)
        var values: [String: String] = [:]
        for item in slots.flatMap(\.slot) { values[item.name] = item.value.text }
        return values
    }

    private struct Slot: Decodable {
        struct Item: Decodable {
            var name: String
            var value: Value
        }
        var slot: [Item]
    }

    /// A table holds texts and numbers; we write texts, but read what is there.
    private struct Value: Decodable {
        var text: String

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let number = try? container.decode(Int.self) {
                text = String(number)
            } else {
                text = try container.decode(String.self)
            }
        }
    }
}

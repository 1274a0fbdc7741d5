extension KamailioRPC {
    /// What the dispatcher holds now. No set at all reads as an empty one.
    func destinations() async throws(KamailioRPCError) -> [DispatcherEntry] {
        let list: DispatcherList
        do {
            list = try await query(KamailioCommand("dispatcher.list"), as: DispatcherList.self)
        } catch {
            guard case .refused(_, _, "No Destination Sets") = error else { throw error }
            return []
        }
        return list.RECORDS.filter { $0.SET.ID == Self.nodeSet }.flatMap(\.SET.TARGETS).map { target in
            DispatcherEntry(
                uri: target.DEST.URI,
                attributes: target.DEST.ATTRS?.BODY ?? "",
                flags: target.DEST.FLAGS
            )
        }
    }

    // The names are Kamailio's.
    private struct DispatcherList: Decodable {
        struct Record: Decodable { var SET: DestinationSet }
        struct DestinationSet: Decodable {
            var ID: Int
            var TARGETS: [Target]
        }
        struct Target: Decodable { var DEST: Destination }
        struct Destination: Decodable {
            var URI: String
            var FLAGS: String
            var ATTRS: Attributes?
        }
        struct Attributes: Decodable { var BODY: String? }
        var RECORDS: [Record]
    }
}

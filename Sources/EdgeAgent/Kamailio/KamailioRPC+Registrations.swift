extension KamailioRPC {
    /// Every contact that phones have registered, sorted by subscriber.
    func registrations() async throws(KamailioRPCError) -> [Registration] {
        let dump = try await query(KamailioCommand("ul.dump"), as: LocationDump.self)
        return dump.Domains.flatMap(\.Domain.AoRs).flatMap { account in
            account.Info.Contacts.map { entry in
                let contact = entry.Contact
                return Registration(
                    subscriber: account.Info.AoR,
                    contact: contact.Address,
                    received: contact.received,
                    userAgent: contact.userAgent ?? "",
                    expires: contact.Expires.seconds
                )
            }
        }
        .sorted { ($0.subscriber, $0.contact) < ($1.subscriber, $1.contact) }
    }

    // The names are Kamailio's.
    private struct LocationDump: Decodable {
        struct DomainEntry: Decodable { var Domain: DomainBody }
        struct DomainBody: Decodable { var AoRs: [Account] }
        struct Account: Decodable { var Info: AccountBody }
        struct AccountBody: Decodable {
            var AoR: String
            var Contacts: [ContactEntry]
        }
        struct ContactEntry: Decodable { var Contact: ContactBody }
        struct ContactBody: Decodable {
            var Address: String
            var Expires: Expiry
            var userAgent: String?
            var rawReceived: String?

            /// Kamailio says "[not set]" where it has nothing.
            var received: String? { rawReceived == "[not set]" ? nil : rawReceived }

            enum CodingKeys: String, CodingKey {
                case Address, Expires
                case userAgent = "User-Agent"
                case rawReceived = "Received"
            }
        }
        var Domains: [DomainEntry]
    }

    /// A number of seconds, or a word such as "permanent", "deleted" or "expired".
    private struct Expiry: Decodable {
        var seconds: Int

        init(from decoder: any Decoder) throws {
            seconds = (try? decoder.singleValueContainer().decode(Int.self)) ?? 0
        }
    }
}

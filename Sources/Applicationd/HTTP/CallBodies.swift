// Checked while they are read: what a body holds that cannot be used is named in the answer.

/// What the ways of placing a call have in common.
struct OriginateOptions: Sendable, Hashable {
    var isAutoAnswered = false
    var variables: [String: String] = [:]
    var callerName: String?
    var callerNumber: String?

    /// As ARI takes it; nil leaves it to the dialplan.
    var callerID: String? {
        switch (callerName, callerNumber) {
        case (nil, nil): nil
        case (let name?, nil): name
        case (let name, let number?): "\"\(name ?? "")\" <\(number)>"
        }
    }

    /// Those of the client, and what the dialplan reads.
    var channelVariables: [String: String] {
        isAutoAnswered ? variables.merging([CallVariable.autoAnswer: "1"]) { own, _ in own } : variables
    }
}

/// `POST .../calls`: a number to dial.
struct CallRequest: Decodable, Sendable {
    var `extension`: String
    var context: String
    var options: OriginateOptions

    enum CodingKeys: String, CodingKey {
        case exten, context
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        `extension` = try container.decode(.exten, matching: DialText.isExtension, "letters, digits and + * # _ . -")
        context = try container.decode(.context, matching: DialText.isContext, "letters, digits and _ . -")
        options = try OriginateOptions(from: decoder)
    }
}

/// `POST .../nodes/{node_uuid}/calls/user`: a subscriber to call.
struct UserCallRequest: Decodable, Sendable {
    var userUUID: String
    var options: OriginateOptions

    enum CodingKeys: String, CodingKey {
        case userUUID = "user_uuid"
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        userUUID = try container.decode(.userUUID, matching: DialText.isContext, "letters, digits and _ . -")
        options = try OriginateOptions(from: decoder)
    }
}

extension OriginateOptions: Decodable {
    enum CodingKeys: String, CodingKey {
        case autoanswer, variables
        case callerName = "displayed_caller_id_name"
        case callerNumber = "displayed_caller_id_number"
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        isAutoAnswered = try container.decodeIfPresent(Bool.self, forKey: .autoanswer) ?? false
        variables = try container.decodeIfPresent([String: String].self, forKey: .variables) ?? [:]
        guard variables.count <= 100, variables.allSatisfy({ DialText.isVariable($0) && DialText.isValue($1) }) else {
            throw DecodingError.dataCorruptedError(
                forKey: .variables,
                in: container,
                debugDescription:
                    "at most 100 variables, named by letters, digits and _, with values of at most 1024 characters"
            )
        }
        callerName = try container.decodeIfPresent(
            .callerName,
            matching: { $0.unicodeScalars.count <= 80 && DialText.isValue($0) && !$0.contains { "\"<>".contains($0) } },
            "at most 80 characters without quotes and angle brackets"
        )
        callerNumber = try container.decodeIfPresent(
            .callerNumber,
            matching: DialText.isExtension,
            "letters, digits and + * # _ . -"
        )
    }
}

/// `POST .../nodes`: at least one call.
struct NodeRequest: Decodable, Sendable {
    private struct Member: Decodable { var id: String }

    /// Calls that one request may name.
    static let limit = 1000

    var calls: [String]

    enum CodingKeys: CodingKey { case calls }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        calls = try container.decode([Member].self, forKey: .calls).map(\.id)
        guard (1...Self.limit).contains(calls.count) else {
            throw DecodingError.dataCorruptedError(
                forKey: .calls,
                in: container,
                debugDescription: "1 to \(Self.limit) calls"
            )
        }
    }
}

/// `PUT .../calls/{call_id}/variables/{variable}`.
struct VariableRequest: Decodable, Sendable {
    var value: String

    enum CodingKeys: CodingKey { case value }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        value = try container.decode(
            .value,
            matching: DialText.isValue,
            "at most 1024 characters without control characters"
        )
    }
}

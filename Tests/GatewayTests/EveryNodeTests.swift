import NIOHTTP1
import Testing

@testable import Gateway

@Suite("What is said when every node was asked to do something")
struct EveryNodeTests {
    private static let done = GatewayAnswer.noContent
    private static let refused = GatewayAnswer.error(.unprocessableEntity, "no")
    private static let away = GatewayAnswer.error(.serviceUnavailable, "away")

    @Test(
        "a refusal is the answer, unless one node suffices; a node that is away does not count while another did it",
        arguments: [
            ([done, done], false, 204), ([done, refused], false, 422), ([refused, done], true, 204),
            ([away, done], false, 204), ([away, refused], true, 422), ([away, away], false, 503), ([], true, 503),
        ] as [([GatewayAnswer], Bool, Int)]
    )
    func verdicts(answers: [GatewayAnswer], suffices: Bool, status: Int) {
        #expect(Int(EveryNode.verdict(answers, suffices: suffices).status.code) == status)
    }
}

import LocalFleet
import Testing

@Suite("When a draining node may be stopped")
struct DrainWaitTests {
    /// What was known, second by second, and whether the node may be stopped at the end.
    struct Course: Sendable {
        var marked: Bool
        var known: [DrainWait.Occupancy]
        var mayStop: Bool
    }

    static let courses = [
        Course(marked: true, known: [.channels(0), .channels(0)], mayStop: false),
        Course(marked: true, known: [.channels(0), .channels(0), .channels(0)], mayStop: true),
        Course(marked: true, known: [.channels(0), .channels(1), .channels(0), .channels(0)], mayStop: false),
        // The registry is away, or Asterisk busy: that says nothing about calls.
        Course(marked: true, known: [.channels(5)] + Array(repeating: .unknown, count: 120), mayStop: false),
        Course(marked: true, known: [.channels(0), .unknown, .channels(0), .channels(0)], mayStop: false),
        Course(marked: true, known: Array(repeating: .unknown, count: 302), mayStop: true),
        // Not yet marked as draining, it still gets calls.
        Course(marked: false, known: [.channels(0), .channels(0), .channels(0)], mayStop: false),
        Course(marked: false, known: [.gone, .gone, .gone], mayStop: true),
    ]

    @Test("it is empty for more than a second, or was not heard of for minutes", arguments: courses)
    func ends(_ course: Course) {
        var wait = DrainWait()
        wait.isMarked = course.marked
        let begin = ContinuousClock.now
        let answers = course.known.enumerated().map { wait.mayStop($1, at: begin + .seconds($0)) }
        #expect(answers.last == course.mayStop)
        #expect(answers.dropLast().allSatisfy { !$0 })
    }
}

import Testing

@testable import VoiceApp

@Suite("Digits")
struct DigitsTests {
    @Test(
        "when to stop collecting",
        arguments: [
            ("1234", 4, "#", GatheredDigits(digits: "1234", end: .count)),
            ("12#", 4, "#", GatheredDigits(digits: "12", end: .terminator)),
            ("#", 4, "#", GatheredDigits(digits: "", end: .terminator)),
            ("12", 4, "#", GatheredDigits(digits: "12", end: .timeout)),
            ("", 4, "#", GatheredDigits(digits: "", end: .timeout)),
            ("1#2*", 4, nil, GatheredDigits(digits: "1#2*", end: .count)),
            ("5", 0, nil, GatheredDigits(digits: "5", end: .count)),
        ] as [(String, Int, Character?, GatheredDigits)]
    )
    func collecting(keys: String, count: Int, terminator: Character?, expected: GatheredDigits) {
        var collector = DigitCollector(count: count, terminator: terminator)
        var gathered: GatheredDigits?
        for key in keys where gathered == nil { gathered = collector.receive(key) }
        #expect(gathered ?? collector.timedOut == expected)
    }

    @Test("a reader that gave up leaves the mailbox open for the next")
    func cancelledReader() async {
        let mailbox = Mailbox<Character>(capacity: 4)
        #expect(await mailbox.next(within: .milliseconds(10)) == nil)
        mailbox.post("1")
        #expect(await mailbox.next() == "1")
    }

    @Test("a full mailbox drops what is oldest")
    func bounded() async {
        let mailbox = Mailbox<Int>(capacity: 3)
        for number in 1...5 { mailbox.post(number) }
        mailbox.finish()
        var read: [Int] = []
        while let number = await mailbox.next() { read.append(number) }
        #expect(read == [3, 4, 5])
    }

    @Test("finishing wakes whoever waits")
    func finishing() async {
        let mailbox = Mailbox<Int>(capacity: 3)
        async let waiting = mailbox.next()
        await Task.yield()
        mailbox.finish()
        #expect(await waiting == nil)
        mailbox.post(1)
        #expect(await mailbox.next() == nil)
    }

    @Test("every element is read once, whatever readers come and go")
    func noLoss() async {
        let mailbox = Mailbox<Int>(capacity: 2000)
        let read = await withTaskGroup(of: [Int].self) { group in
            group.addTask {
                for number in 0..<1000 {
                    mailbox.post(number)
                    if number % 10 == 0 { try? await Task.sleep(for: .microseconds(200)) }
                }
                mailbox.finish()
                return []
            }
            for _ in 0..<4 {
                group.addTask {
                    var read: [Int] = []
                    while read.count < 1000 {
                        if let number = await mailbox.next(within: .microseconds(300)) {
                            read.append(number)
                        } else if mailbox.isOver {
                            break
                        }
                    }
                    return read
                }
            }
            return await group.reduce([], +)
        }
        #expect(read.sorted() == Array(0..<1000))
    }
}

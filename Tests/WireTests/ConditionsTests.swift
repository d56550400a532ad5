import Core
import NIOHTTP1
import Testing
import Wire

@Suite("What a request's conditions lead to")
struct ConditionsTests {
    static let etag = "\"abc\""

    @Test(
        "If-None-Match compares weakly, and a star names everything",
        arguments: [
            ("\"abc\"", true), ("W/\"abc\"", true), ("\"x\", \"abc\"", true), ("\"x\",W/\"abc\" ,\"y\"", true), ("*", true), ("abc", true),
            ("\"x\"", false), ("\"ABC\"", false), ("", false), ("\"abc", false), ("\"x,abc\"", false), ("W/\"abcd\"", false)
        ])
    func ifNoneMatch(_ value: String, _ matches: Bool) {
        #expect(Conditions(ifNoneMatch: value).outcome(etag: Self.etag, size: 10) == (matches ? .notModified : .whole))
    }

    @Test(
        "If-Match compares strongly",
        arguments: [("\"abc\"", true), ("\"x\", \"abc\"", true), ("*", true), ("W/\"abc\"", false), ("\"x\"", false), ("", false)])
    func ifMatch(_ value: String, _ matches: Bool) {
        #expect(Conditions(ifMatch: value).outcome(etag: Self.etag, size: 10) == (matches ? .whole : .preconditionFailed))
    }

    @Test(
        "If-Range lets the range count only for the very same bytes",
        arguments: [
            ("\"abc\"", true), (" \"abc\" ", true), ("W/\"abc\"", false), ("\"x\"", false), ("Sun, 06 Nov 1994 08:49:37 GMT", false)
        ])
    func ifRange(_ value: String, _ counts: Bool) {
        let outcome = Conditions(ifRange: value, range: "bytes=2-4").outcome(etag: Self.etag, size: 10)
        #expect(outcome == (counts ? .part(ByteRange(2, 5)) : .whole))
    }

    @Test("conditions go before ranges, and If-Match before If-None-Match")
    func order() {
        #expect(Conditions(ifNoneMatch: Self.etag, range: "bytes=99-").outcome(etag: Self.etag, size: 10) == .notModified)
        #expect(Conditions(ifMatch: "\"x\"", ifNoneMatch: Self.etag).outcome(etag: Self.etag, size: 10) == .preconditionFailed)
        #expect(Conditions(range: "bytes=99-").outcome(etag: Self.etag, size: 10) == .unsatisfiable)
    }

    @Test("several fields of one name are one list")
    func joined() {
        let conditions = Conditions(HTTPHeaders([("If-None-Match", "\"x\""), ("RANGE", "bytes=0-0"), ("if-none-match", "\"abc\"")]))
        #expect(conditions.ifNoneMatch == "\"x\", \"abc\"")
        #expect(conditions.range == "bytes=0-0")
    }

    @Test("an answer without a body opens nothing")
    func opensNothing() {
        let file = FileAnswer(size: 10, etag: Self.etag, headers: [("Content-Type", "text/plain"), ("X-A", "b")])
        func ask(_ conditions: Conditions, head: Bool = false) -> LeanAnswer? {
            file.answer(head: head, conditions: conditions) {
                Issue.record("opened for nothing")
                return nil
            }
        }
        let head = ask(Conditions(range: "bytes=2-4"), head: true)
        #expect(head?.status == 206)
        #expect(head?.headers.contains { $0 == ("Content-Length", "3") } == true)
        let notModified = ask(Conditions(ifNoneMatch: "*"))
        #expect(notModified?.status == 304)
        #expect(notModified?.headers.map(\.0) == ["X-A", "ETag"])
        #expect(ask(Conditions(ifMatch: "\"x\""))?.status == 412)
        let beyond = ask(Conditions(range: "bytes=10-"))
        #expect(beyond?.status == 416)
        #expect(beyond?.headers.contains { $0 == ("Content-Range", "bytes */10") } == true)
    }
}

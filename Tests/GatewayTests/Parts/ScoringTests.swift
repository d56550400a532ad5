import Core
import Testing

@testable import Gateway

@Suite("Comparing two answers")
struct ScoringTests {
    private func answer(_ body: String, status: Int = 200, isWhole: Bool = true) -> Captured {
        var captured = Captured()
        captured.status = status
        captured.isWhole = isWhole
        withBytes(body) { captured.add($0) }
        return captured
    }
    private func score(_ scorer: Scorer, _ stable: String, _ candidate: String, status: Int = 200, wire: ServingWire = .http) -> [Double]? {
        Scoring.score(scorer, stable: answer(stable), candidate: answer(candidate, status: status), wire: wire).map { [$0.stable, $0.candidate] }
    }

    @Test("by each scorer")
    func scorers() {
        #expect(score(.status, "a", "b") == [1, 1] && score(.status, "a", "b", status: 500) == [1, 0])
        #expect(
            score(.json, "{}", "{\"a\":[1,2.5e3,null]} ") == [1, 1] && score(.json, "{}", "{\"a\":}") == [1, 0] && score(.json, "x", "[]") == [0, 1])
        #expect(score(.exact, "a", "a") == [1, 1] && score(.exact, "a", "b") == [1, 0])
        #expect(
            score(.lengthRatio, "aaaa", "aa") == [1, 0.5] && score(.lengthRatio, "", "") == [1, 1] && score(.lengthRatio, "aa", "aaaa") == [1, 0.5])
        #expect(score(.cosine, "{\"data\":[{\"embedding\":[1,0]}]}", "{\"data\":[{\"embedding\":[2, 0]}]}") == [1, 1])
        #expect(score(.cosine, "{\"data\":[1,0]}", "{\"data\":[0,1]}") == [1, 0])
        #expect(score(.cosine, "{\"embedding\":[1,0]}", "{\"embedding\":[1,0,0]}") == [1, 0])
        #expect(score(.cosine, "nothing", "{\"embedding\":[1,0]}") == nil)
    }

    @Test("an answer that broke off is not good")
    func broken() {
        let broken = answer("{}", isWhole: false)
        #expect(Scoring.score(.status, stable: answer("{}"), candidate: broken, wire: .http)?.candidate == 0)
        #expect(Scoring.score(.exact, stable: broken, candidate: answer("{}"), wire: .http) == nil)
    }

    @Test("on the OpenAI wire ids do not matter, words do")
    func words() {
        let first = #"{"id":"1","choices":[{"message":{"role":"assistant","content":"H\u0069 \"you\""}}]}"#
        let second = #"{"id":"2","created":5,"choices":[{"message":{"content":"Hi \"you\"","role":"assistant"}}]}"#
        #expect(score(.exact, first, second, wire: .openai) == [1, 1])
        #expect(score(.exact, first, second) == [1, 0])
        let stream = "data: {\"choices\":[{\"delta\":{\"content\":\"Hi \"}}]}\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"\\\"you\\\"\"}}]}\n\n"
        #expect(score(.exact, first, stream, wire: .openai) == [1, 1])
    }

    @Test(
        "JSON is whole or not",
        arguments: [
            ("{}", true), ("[]", true), ("0", true), ("-1.5E-3", true), ("\"\\u00e4\"", true), (" {\"a\" : [ ] , \"b\":{}} ", true), ("", false),
            ("{", false),
            ("01", false), ("1.", false), ("[1,]", false), ("{\"a\":1,}", false), ("{} {}", false), ("tru", false), ("\"\n\"", false), ("nul", false),
            ("+1", false)
        ])
    func json(_ text: String, _ isWhole: Bool) {
        #expect(withBytes(text, JSONValue.isWhole) == isWhole)
        #expect(!withBytes(String(repeating: "[", count: 100_000), JSONValue.isWhole))
    }

    @Test("a body longer than the limit is cut, and not compared by content")
    func long() {
        let long = answer(String(repeating: "a", count: Captured.limit + 1))
        #expect(long.isCut && long.body.count == Captured.limit)
        #expect(Scoring.score(.exact, stable: long, candidate: long, wire: .http) == nil)
    }
}

@Suite("Counting")
struct CountingTests {
    @Test("a histogram's buckets hold what is at most their bound")
    func histogram() {
        var histogram = Histogram()
        for bound in Histogram.bounds { histogram.observe(bound) }
        histogram.observe(1000)
        #expect(histogram.counts == [UInt64](repeating: 1, count: Histogram.bounds.count + 1))
        var twice = histogram
        twice.add(histogram)
        #expect(twice.count == histogram.count * 2 && twice.sum == histogram.sum * 2)
    }

    @Test("observations are bounded, counted when lost, and kept apart by release")
    func reports() throws {
        let first = try ReleaseID(parsing: "chat-1")
        let second = try ReleaseID(parsing: "chat-2")
        var shard = ReportShard()
        let observation = Observation(key: 1, variant: .stable, candidateWeight: 0, known: 0, bad: 0, at: 0)
        for _ in 0..<5 { shard.add(observation, of: first, limit: 3) }
        shard.add(observation, of: second, limit: 3)
        let parts = shard.take()
        #expect(parts.map(\.release) == [first, second] && parts.map(\.observations.count) == [3, 0] && parts.map(\.lost) == [2, 1])
        #expect(shard.take().isEmpty)
        shard.add(observation, of: second, limit: 3)
        #expect(shard.take().map(\.observations.count) == [1])
    }

    @Test("equal-load objectives are compared only then")
    func comparable() {
        let objectives = [Objective(name: "errors"), Objective(name: "ttft", compare: .equalLoad)]
        #expect(Bits.comparable(objectives, isLoadEqual: true) & 3 == 3)
        #expect(Bits.comparable(objectives, isLoadEqual: false) & 3 == 1)
    }

    @Test("names are found by their bytes alone")
    func names() {
        let table = NameTable((0..<500).map { ("name-\($0)", $0) } + [("name-7", 1000)])
        for number in 0..<500 { #expect(withBytes("name-\(number)", table.find) == number) }
        #expect(withBytes("name-500", table.find) == nil && withBytes("", table.find) == nil)
    }

    @Test("a number and a span are written plainly")
    func pen() {
        var memory = [UInt8](repeating: 0, count: 100)
        let written = memory.withUnsafeMutableBytes { raw in
            var pen = Pen(raw)
            pen.put(decimal: 0)
            pen.put(" ")
            pen.put(decimal: 1_234_567)
            pen.put(" ")
            pen.put(milliseconds: 1_002_345_678)
            pen.put(" ")
            pen.put(hex: 0xAB)
            return pen.written
        }
        #expect(String(decoding: memory[0..<written], as: UTF8.self) == "0 1234567 1002.345 00000000000000ab")
    }

    @Test("draws are even and repeatable")
    func draws() {
        var draw = Draw(seed: 1)
        var again = Draw(seed: 1)
        var low = 0
        for _ in 0..<100_000 {
            let bucket = draw.bucket()
            #expect(bucket == again.bucket() && (0..<10_000).contains(bucket))
            if bucket < 500 { low += 1 }
        }
        // 99.99 % of a binomial with p = 0.05.
        #expect(abs(low - 5000) < 269)
    }
}

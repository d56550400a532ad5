import Testing

@testable import Gateway

@Suite("Fields of a body while it arrives")
struct FieldScannerTests {
    private func scan(_ text: String, wanted: [String] = ["model", "user"], step: Int = .max) -> (FieldScanner.Outcome, [String?]) {
        var scanner = FieldScanner()
        scanner.reset(wanted: wanted.map { Array($0.utf8) })
        let bytes = Array(text.utf8)
        var outcome = FieldScanner.Outcome.more
        var at = 0
        while at < bytes.count, outcome == .more {
            let end = min(bytes.count, at + min(step, bytes.count))
            outcome = bytes[at..<end].withUnsafeBytes { scanner.scan($0) }
            at = end
        }
        return (outcome, wanted.indices.map { scanner.bytes($0).map { String(decoding: $0, as: UTF8.self) } })
    }

    @Test(
        "finds top-level texts, whatever stands around them",
        arguments: [
            (#"{"model":"a","user":"b"}"#, "a", "b"),
            ("\u{20}\n{ \"x\" : [1,{\"model\":\"no\"}] , \"user\":\"b\" ,\"model\" :\t\"a\" }", "a", "b"),
            (#"{"x":"\"model\":\"no\"","model":"a","user":"b"}"#, "a", "b"),
            (#"{"x":{"y":"}]\"{["},"n":-1.5e+3,"t":true,"z":null,"model":"a","user":"b"}"#, "a", "b"),
            (#"{"mod\u0065l":"\u00e4\n\ud83d\ude00","user":"\/"}"#, "ä\n😀", "/"),
            (#"{"model":"first","model":"second","user":"b"}"#, "first", "b")
        ])
    func finds(_ text: String, _ model: String, _ user: String) {
        for step in [1, 2, 3, 7, Int.max] {
            let (outcome, values) = scan(text, step: step)
            #expect(outcome == .done && values == [model, user])
        }
    }

    @Test("stops as soon as it has what is wanted")
    func stops() {
        #expect(scan(#"{"model":"a","messages":["#, wanted: ["model"]).0 == .done)
    }

    @Test("what is not a text at the top is not found")
    func others() {
        #expect(scan(#"{"model":1,"user":["b"]}"#).1 == [nil, nil])
        #expect(scan(#"{"a":{"model":"x"}}"#).1 == [nil, nil])
        #expect(scan("{}").0 == .done)
        #expect(scan(#"{"model":"\#(String(repeating: "x", count: 513))","user":"b"}"#).1 == [nil, "b"])
    }

    @Test(
        "what is not an object is invalid",
        arguments: ["[]", "x", "\"a\"", #"{"a" 1}"#, "{a:1}", #"{"a":1 2}"#, #"{"a":"\x"}"#, #"{,}"#, "{\"a\":\"\n\"}", #"{"a":1,}"#])
    func invalid(_ text: String) { #expect(scan(text).0 == .invalid) }

    @Test("random bytes never harm, and cutting changes nothing")
    func fuzz() {
        var dice = Dice(3)
        let pieces = ["{", "}", "[", "]", "\"", "\\", "\\u00", "model", "user", ":", ",", "1", " ", "true", "\"model\":", "\"a\"", "\u{1}", "é"]
        for _ in 0..<20_000 {
            let text = "{" + (0..<Int.random(in: 0..<20, using: &dice)).map { _ in pieces[Int.random(in: 0..<pieces.count, using: &dice)] }.joined()
            let whole = scan(text)
            let cut = scan(text, step: Int.random(in: 1...4, using: &dice))
            #expect(whole.0 == cut.0 && whole.1 == cut.1, "\(text)")
        }
    }
}

@Suite("Token counts in an answer")
struct UsageScannerTests {
    private func scan(_ text: String, step: Int) -> (Int?, Int?) {
        var scanner = UsageScanner()
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: step) {
            bytes[start..<min(bytes.count, start + step)].withUnsafeBytes { scanner.scan($0) }
        }
        return (scanner.inputTokens, scanner.outputTokens)
    }

    @Test("are found in a body, in an event, and however they are cut")
    func finds() {
        let texts = [
            #"{"id":"x","usage":{"prompt_tokens":12,"completion_tokens":34,"total_tokens":46}}"#,
            "data: {\"choices\":[]}\n\ndata: {\"usage\": null}\n\n"
                + "data: {\"usage\" : {\"prompt_tokens\": 12, \"prompt_tokens_details\": {\"prompt_tokens\": 99}, \"completion_tokens\": 34}}\n\n"
                + "data: [DONE]\n\n",
            #"{"usage":{"input_tokens":12,"output_tokens":34}}"#,
            #"{"usage":{"prompt_tokens":1,"completion_tokens":2},"usage":{"prompt_tokens":12,"completion_tokens":34}}"#
        ]
        for text in texts { for step in 1...40 { #expect(scan(text, step: step) == (12, 34), "\(step): \(text)") } }
    }

    @Test("are not found in what the model says")
    func isNotFooled() {
        #expect(scan(#"{"content":"\"usage\":{\"prompt_tokens\":5}"}"#, step: 100) == (nil, nil))
        #expect(scan(#"{"usage":"none","prompt_tokens":5}"#, step: 3) == (nil, nil))
    }

    @Test("events are counted by their empty lines")
    func events() {
        for step in 1...7 {
            var counter = EventCounter()
            let bytes = Array("data: a\n\ndata: b\r\n\r\n\n\n: x\ndata: c\n\ndata".utf8)
            for start in stride(from: 0, to: bytes.count, by: step) {
                bytes[start..<min(bytes.count, start + step)].withUnsafeBytes { counter.scan($0) }
            }
            #expect(counter.count == 3 && !counter.isBetweenEvents)
        }
    }
}

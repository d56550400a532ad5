import Core
import ModelFiles
import TestKit
import Testing

@Suite("cards from anybody", .timeLimit(.minutes(1)))
struct CardBombTests {
    @Test("aliases that multiply are refused before they do")
    func laughs() {
        var text = "---\na0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
        for i in 1...30 { text += "a\(i): &a\(i) [" + Array(repeating: "*a\(i - 1)", count: 10).joined(separator: ",") + "]\n" }
        #expect(CardTests.card(text + "---\n").problem?.line == 3)
        #expect(CardTests.card(text + "? *a30\n: 1\n---\n").problem != nil)
    }

    @Test("an ampersand and an asterisk in a text are no alias")
    func prose() {
        let card = CardTests.card("---\ntitle: R&D *bold* a*b\nmore: Tom & Jerry\n---\n")
        #expect(card.problem == nil && card.metadata["title"]?.text == "R&D *bold* a*b")
    }

    @Test("nesting has an end", arguments: ["[", "- ", "{a: ", "? ", "[{a: "])
    func deep(_ opening: String) {
        for count in [100, 900, 100_000] {
            #expect(CardTests.card("---\nx:\n  \(String(repeating: opening, count: count))\n---\n").problem != nil)
        }
        let lines = (0..<200).map { String(repeating: " ", count: $0) + "k:\n" }.joined()
        #expect(CardTests.card("---\n\(lines)---\n").problem?.message.contains("nested") == true)
    }

    @Test("sixty levels are not too many")
    func notSoDeep() {
        let text = String(repeating: "[", count: 60) + "1" + String(repeating: "]", count: 60)
        #expect(CardTests.card("---\na: \(text)\n---\n").problem == nil)
    }

    @Test("keys that are mappings of mappings do not cost a minute")
    func keys() {
        let filler = (0..<50_000).map { "a\($0)" }.joined(separator: ",")
        let text = String(repeating: "{", count: 900) + filler + String(repeating: "}", count: 900)
        #expect(CardTests.card("---\nx: \(text)\n---\n").problem != nil)
    }

    @Test("a front matter of more than a MiB is a problem, a README of more is none")
    func long() {
        let line = "- " + String(repeating: "x", count: 98) + "\n"
        let list = String(repeating: line, count: 11_000)
        #expect(CardTests.card("---\ntags:\n\(list)---\n").problem?.line == 1)
        #expect(CardTests.card("---\nlicense: mit\n---\n\(list)").license == "mit")
    }

    @Test("five thousand damaged cards give a card")
    func fuzz() {
        var chance = Chance(seed: 3)
        let pieces = Array("---\n- :?[]{}&a*a!!str |>'\"%@`#,\t\\x\u{0}\u{85}ü0x1F1e9.inf~\r\n".utf8) + [0xFF, 0xC3]
        var read = 0
        for _ in 0..<5000 {
            var bytes = Array("---\n\(CardTests.whale.dropFirst(4))".utf8)
            if chance.number(0...1) == 0 {
                bytes = Array("---\n".utf8) + (0..<chance.number(0...60)).map { _ in chance.pick(pieces) } + Array("\n---\n".utf8)
            }
            for _ in 0..<chance.number(0...5) {
                let at = chance.number(0...(bytes.count - 1))
                if chance.number(0...1) == 0 { bytes[at] = chance.pick(pieces) } else { bytes.insert(chance.pick(pieces), at: at) }
            }
            let card = ModelCard(parsing: bytes)
            guard case .object = card.metadata else { Issue.record("no object"); return }
            #expect(!card.metadata.json.utf8.contains(0))
            _ = card.validate()
            if card.problem == nil { read += 1 }
        }
        #expect(read > 500 && read < 4500, "the fuzzer should not only make rubbish, nor only cards: \(read)")
    }
}

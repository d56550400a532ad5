import Core
import ModelFiles
import Testing

@Suite("what a card says")
struct CardTests {
    static func card(_ text: String) -> ModelCard { ModelCard(parsing: Array(text.utf8)) }

    static let whale = """
        ---
        language:
        - en
        - no
        license: apache-2.0
        library_name: transformers
        pipeline_tag: text-generation
        tags: [whale, "4-bit"]
        base_model: acme/calf
        base_model_relation: finetune
        datasets:
          - acme/reef
        widget:
          - text: "Thar she ü"
            n: [1, -2.5, 0x1F, 1e3, .inf, ~, True, no, 2024-01-02, "7"]
        ---
        # Whale
        """

    @Test("every field of a usual card is read")
    func fields() {
        let card = Self.card(Self.whale)
        #expect(card.problem == nil)
        #expect(card.languages == ["en", "no"])
        #expect(card.license == "apache-2.0")
        #expect(card.libraryName == "transformers")
        #expect(card.pipelineTag == "text-generation")
        #expect(card.tags == ["whale", "4-bit"])
        #expect(card.baseModels == ["acme/calf"])
        #expect(card.datasets == ["acme/reef"])
        #expect(card.validate() == CardReport())
        #expect(String(decoding: Array(Self.whale.utf8)[card.bodyStart...], as: UTF8.self) == "# Whale")
    }

    @Test("the metadata as JSON keeps types and the order of keys")
    func json() {
        let json = Self.card(Self.whale).metadata.json
        #expect(json.hasPrefix(#"{"language":["en","no"],"license":"apache-2.0","library_name":"#))
        #expect(json.hasSuffix(#""widget":[{"text":"Thar she ü","n":[1,-2.5,31,1000.0,null,null,true,"no","2024-01-02","7"]}]}"#))
        #expect(CardValue.string("a\"\\\n\r\t\u{1}\u{7F}/").json == #""a\"\\\n\r\t\u0001\u007f/""#)
        #expect(CardValue.object([]).json == "{}")
    }

    @Test("a byte order mark, CRLF, empty lines before and spaces behind the marker are tolerated")
    func lineEnds() {
        let card = Self.card("\u{FEFF}\r\n\r\n---  \r\nlicense: mit\r\ntags:\r\n- a\r\n--- \r\nbody")
        #expect(card.problem == nil)
        #expect(card.license == "mit")
        #expect(card.tags == ["a"])
    }

    @Test(
        "a README without front matter is no problem",
        arguments: ["", "# Whale", "----\na: 1\n---\n", "text\n---\na: 1\n---\n", "---\njust a rule\n", "-- -\n", "\u{FEFF}", "\n\n"])
    func none(_ text: String) {
        let card = Self.card(text)
        #expect(card.problem == nil)
        #expect(!card.hasFrontMatter)
        #expect(card.metadata == .empty)
        let report = card.validate()
        #expect(report.errors.isEmpty && report.warnings.count == 1)
    }

    @Test("empty front matter is an empty object", arguments: ["---\n---\n", "---\n# nothing\n---", "---\n~\n---\nx", "---\n\n\n---"])
    func empty(_ text: String) {
        let card = Self.card(text)
        #expect(card.hasFrontMatter && card.problem == nil && card.metadata == .empty)
    }

    @Test(
        "broken YAML is a problem with its line",
        arguments: [
            ("---\na: 1\nb: [1, 2\n---\n", 4), ("---\na: 1\n\tb: 2\n---\n", 3), ("---\na: 1\nb: 2\na: 3\n---\n", 2),
            ("---\na: b: c\n---\n", 2), ("\n\n---\nok: 1\nx: \"\\0\"\n---\n", 5), ("---\n- a\n- b\n---\n", 2), ("---\nplain\n---\n", 2),
            ("---\nok: 1\n? [a, b]\n: 1\n---\n", 3), ("---\na: &x 1\nb: *x\n---\n", 3), ("---\na: 1\n...\nb: 2\n---\n", 4)
        ])
    func broken(_ text: String, _ line: Int) {
        let card = Self.card(text)
        #expect(card.metadata == .empty)
        #expect(card.problem?.line == line, "\(card.problem?.description ?? "no problem")")
        #expect(card.validate().errors.count == 1)
    }

    @Test("what is not UTF-8 is a problem in the metadata, and none behind it")
    func notUTF8() {
        let head = Array("---\nlicense: mit\n".utf8)
        #expect(ModelCard(parsing: head + [0x61, 0x3A, 0xFF, 0x0A] + Array("---\n".utf8)).problem?.line == 2)
        #expect(ModelCard(parsing: head + Array("---\n".utf8) + [0xFF, 0]).license == "mit")
    }
}

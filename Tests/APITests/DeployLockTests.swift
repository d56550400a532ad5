import API
import Core
import Testing

@Suite("The deploy lock")
struct DeployLockTests {
    private func digest(_ digit: Character) throws -> Digest { try Digest(parsing: String(repeating: digit, count: 64)) }

    private func lock(_ order: (inout [LockedModel]) -> Void = { _ in }, files shuffle: (inout [LockedFile]) -> Void = { _ in }) throws -> DeployLock
    {
        var files = try ["ä.bin", "B", "a", "a b/c\"d"].map {
            LockedFile(path: try FilePath(parsing: $0), size: 7, digest: try digest("1"), isExecutable: $0 == "a")
        }
        shuffle(&files)
        var models = try ["encoder", "Decoder", "z"].map {
            try LockedModel(
                alias: $0, repo: RepoName(parsing: "acme/whale"), asked: .version(RefName(parsing: "1.0.0")),
                commit: GitID(parsing: String(repeating: "c", count: 40)), manifest: digest("2"), files: files)
        }
        order(&models)
        return try DeployLock(name: "chat", manifest: try digest("3"), models: models)
    }

    @Test("whatever the order given, the bytes are the same")
    func canonical() throws {
        let bytes = try lock().bytes
        for _ in 0..<20 {
            #expect(try lock({ $0.shuffle() }, files: { $0.shuffle() }).bytes == bytes)
        }
        #expect(try DeployLock.parse(bytes) == lock())
    }

    @Test("the bytes are these, in this release and in every other")
    func frozen() throws {
        let file = LockedFile(path: try FilePath(parsing: "a\"b"), size: 3, digest: try digest("1"), isExecutable: false)
        let model = try LockedModel(
            alias: "m", repo: RepoName(.dataset, parsing: "acme/whale"), asked: .alias(RefName(parsing: "champion")),
            commit: GitID(parsing: String(repeating: "c", count: 40)), manifest: digest("2"), files: [file])
        let text = String(decoding: try DeployLock(name: "n", manifest: digest("3"), models: [model]).bytes, as: UTF8.self)
        let (one, two, three, commit) = (
            String(repeating: "1", count: 64), String(repeating: "2", count: 64), String(repeating: "3", count: 64), String(repeating: "c", count: 40)
        )
        #expect(
            text == """
                {"format":"grayling lock 1","manifest":"sha256:\(three)","models":[{"as":"m","asked":"alias champion","commit":"\(commit)","files":[{"digest":"sha256:\(one)","executable":false,"path":"a\\"b","size":3}],"kind":"dataset","manifest":"sha256:\(two)","repo":"acme/whale"}],"name":"n"}

                """)
    }

    @Test("a lock that was edited is not a lock")
    func edited() throws {
        let text = String(decoding: try lock().bytes, as: UTF8.self)
        for (old, new) in [
            ("\"size\":7", "\"size\":-7"), ("\"size\":7", "\"size\": 7"), ("grayling lock 1", "grayling lock 2"), ("1.0.0", "1.0.1 "),
            ("\"a\"", "\"../a\""), ("\"name\":\"chat\"", "\"name\":\"chat\",\"x\":1")
        ] {
            #expect(throws: HubError.self, "\(old) -> \(new)") { try DeployLock.parse(Array(text.replacing(old, with: new).utf8)) }
        }
        #expect(throws: HubError.self) { try DeployLock.parse(Array("{}".utf8)) }
        #expect(throws: HubError.self) { try DeployLock.parse([]) }
        #expect(throws: HubError.self) { try DeployLock.parse(Array(text.dropLast().utf8)) }
    }

    @Test("control characters and quotes have one spelling")
    func spelling() {
        let value = CanonicalJSON.object(["b": .text("\u{1}\n\"\\/é"), "a": .list([.integer(-5), .flag(true)]), "B": .object([:])])
        #expect(String(decoding: value.bytes, as: UTF8.self) == #"{"B":{},"a":[-5,true],"b":"\u0001\u000a\"\\/é"}"# + "\n")
    }
}

import Core
import Testing

@Suite("names of owners and repos")
struct NamesTests {
    @Test("accepts", arguments: ["a", "acme", "Acme", "0", "a-b", "a_b", "a.b", "a-b_c.d", "a_", String(repeating: "x", count: 96), "v3", "apis"])
    func accepts(_ text: String) throws {
        #expect(try OwnerName(parsing: text).text == text)
        #expect(try RepoName(.model, owner: "acme", name: text).name == text)
    }

    @Test(
        "refuses",
        arguments: [
            "", "-a", "a-", ".a", "a.", "_a", "a--b", "a..b", "a b", "a/b", "é", "a\u{301}", "a\0", "a\n", "a@b", "a:b",
            String(repeating: "x", count: 97)
        ])
    func refuses(_ text: String) {
        for attempt in [{ _ = try OwnerName(parsing: text) }, { _ = try RepoName(.model, owner: "acme", name: text) }] {
            #expect(#expect(throws: HubError.self) { try attempt() }?.code == .invalidName)
        }
    }

    @Test("a path of this server is never an owner, in any case", arguments: ReservedNames.all.sorted())
    func reserved(_ text: String) throws {
        #expect(throws: HubError.self) { try OwnerName(parsing: text) }
        #expect(throws: HubError.self) { try OwnerName(parsing: text.uppercased()) }
        #expect(try RepoName(.dataset, owner: "acme", name: text).name == text)
    }

    @Test("owner/name is two names and one slash")
    func repo() throws {
        let repo = try RepoName(.dataset, parsing: "Acme/Whale-7B")
        #expect(repo.owner.text == "Acme")
        #expect(repo.path == "Acme/Whale-7B")
        #expect(repo.folded == "acme/whale-7b")
        #expect(repo.kind.plural == "datasets")
        #expect(try RepoName(.model, parsing: "a/b") != RepoName(.dataset, parsing: "a/b"))
    }

    @Test("what is not owner/name", arguments: ["", "a", "/", "a/", "/b", "a/b/c", "a//b", "a/b/", "api/b", "a/b.git", "a/b.GIT", "a /b"])
    func refusesRepo(_ text: String) {
        #expect(#expect(throws: HubError.self) { try RepoName(parsing: text) }?.code == .invalidName)
    }
}

@Suite("names of branches, versions and aliases")
struct RefNameTests {
    @Test(
        "accepts",
        arguments: ["main", "1.2.0", "v3", "feature/x", "a+b", "_x", "a_b-c", "x/y/z", "head", "pr/1", String(repeating: "a", count: 128), "A"])
    func accepts(_ text: String) throws { #expect(try RefName(parsing: text).text == text) }

    @Test(
        "refuses what git or a reader would misread",
        arguments: [
            "", "/", "a/", "/a", "a//b", "-x", ".x", "a/.b", "a/-b", "a.", "a.lock", "a.lock/b", "a..b", "a b", "a~1", "a^", "a:b", "a?", "a*", "a[",
            "a\\b", "a@b", "@", "HEAD", "é", "a\n", "a\0", String(repeating: "a", count: 129), String(repeating: "a", count: 40),
            "0123456789abcdef0123456789abcdef01234567"
        ])
    func refuses(_ text: String) {
        #expect(#expect(throws: HubError.self) { try RefName(parsing: text) }?.code == .invalidName)
    }

    static let commit = "0123456789abcdef0123456789abcdef01234567"

    @Test("after '@' stands a commit id, a name, or the default branch")
    func spec() throws {
        #expect(try RevisionSpec(parsing: "") == .main)
        #expect(try RevisionSpec(parsing: "HEAD") == .main)
        #expect(try RevisionSpec(parsing: "main") == .main)
        #expect(try RevisionSpec(parsing: Self.commit) == .commit(GitID(parsing: Self.commit)))
        #expect(try RevisionSpec(parsing: Self.commit.uppercased()) == .name(RefName(parsing: Self.commit.uppercased())))
        #expect(try RevisionSpec(parsing: String(Self.commit.dropLast())).description == String(Self.commit.dropLast()))
        #expect(throws: HubError.self) { try RevisionSpec(parsing: "a b") }
        #expect(try RevisionSpec(parsing: Self.commit).description == Self.commit)
    }

    @Test("owner/name@revision")
    func revision() throws {
        let plain = try RevisionName(parsing: "acme/whale")
        #expect(plain.revision == .main)
        #expect(!plain.isExplicit)
        #expect(plain.description == "acme/whale")
        let pinned = try RevisionName(.dataset, parsing: "acme/whale@release/2")
        #expect(pinned.repo.kind == .dataset)
        #expect(pinned.revision.description == "release/2")
        #expect(pinned.isExplicit)
        #expect(pinned.description == "acme/whale@release/2")
        for text in ["acme/whale@", "acme@v1", "acme/whale@a@b", "@v1", "acme/whale@a b"] {
            #expect(throws: HubError.self) { try RevisionName(parsing: text) }
        }
    }
}

@Suite("lineage as people write it")
struct LineageClaimTests {
    @Test(
        "the kind stands after the colon, finetune where none does",
        arguments: [
            ("a/b@v1", "a/b@v1", LineageKind.finetune), ("a/b", "a/b", .finetune), ("a/b@v1:merge", "a/b@v1", .merge),
            ("a/b:quantized", "a/b", .quantized), ("a/b@x/y:adapter", "a/b@x/y", .adapter), ("a/b@v1:dataset", "a/b@v1", .dataset),
            ("a/b@v1:distilled", "a/b@v1", .distilled), ("a/b@v1:converted", "a/b@v1", .converted)
        ])
    func parses(text: String, parent: String, kind: LineageKind) throws {
        let claim = try LineageClaim(parsing: text)
        #expect(claim.kind == kind)
        #expect(claim.parent == (try RevisionName(kind == .dataset ? .dataset : .model, parsing: parent)))
        #expect(claim.parent.repo.kind == (kind == .dataset ? .dataset : .model))
    }

    @Test("refuses", arguments: ["", ":", "a/b:", "a/b@v1:Merge", "a/b@v1:copy", "a/b@v1:merge:merge", "a@v1:merge", ":merge", "a/b@:merge"])
    func refuses(_ text: String) { #expect(throws: HubError.self) { try LineageClaim(parsing: text) } }
}

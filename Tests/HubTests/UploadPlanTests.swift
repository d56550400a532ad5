import Core
import GitObjects
@testable import Hub
import TestKit
import Testing

@Suite("how files should be sent")
struct UploadPlanTests {
    static func mode(
        _ path: String, size: Int64? = nil, sample: [UInt8] = Array("text".utf8), attributes: String = "", usual: String = "*.bin filter=lfs\n"
    ) throws
        -> FileStorage
    {
        Hub.storage(
            for: UploadCandidate(path: try FilePath(parsing: path), size: size ?? Int64(sample.count), sample: sample),
            attributes: GitAttributes(parsing: attributes), usual: GitAttributes(parsing: usual))
    }

    @Test("by the branch's .gitattributes, then by size, by name, and by what they begin with")
    func modes() throws {
        #expect(try Self.mode("a.txt") == .regular)
        #expect(try Self.mode("a.bin") == .lfs)
        #expect(try Self.mode("a.bin", attributes: "*.bin -filter\n") == .regular)
        #expect(try Self.mode("a.txt", attributes: "*.txt filter=lfs\n") == .lfs)
        #expect(try Self.mode("a.bin", size: 0, sample: []) == .regular)
        #expect(try Self.mode("a.txt", size: 10 << 20) == .lfs)
        #expect(try Self.mode("a.txt", size: (10 << 20) - 1) == .regular)
        // Nothing that large travels inside a commit.
        #expect(try Self.mode("a.bin", size: 10 << 20, attributes: "*.bin -filter\n") == .lfs)
        #expect(try Self.mode("a", sample: [1, 0, 2]) == .lfs)
        #expect(try Self.mode("a", sample: [0xFF, 0xFE, 0x41]) == .lfs)
        #expect(try Self.mode("d/.gitattributes", size: 11 << 20) == .regular)
    }

    @Test("a character that the sample cuts is no sign of binary", arguments: [1, 2, 3])
    func cut(_ count: Int) throws {
        let sample = Array("text 🐋".utf8.dropLast(count))
        #expect(Hub.isText(sample, isWhole: false))
        #expect(!Hub.isText(sample, isWhole: true))
    }

    @Test("random bytes are not taken for text", arguments: 0..<20)
    func random(_ seed: Int) {
        var chance = Chance(seed: seed)
        #expect(!Hub.isText(chance.bytes(512), isWhole: false))
    }

    @Test("what is there, and what is left out by the committed rules or by those that come along")
    func plan() async throws {
        let test = try await TestHub()
        let name = try test.repo("admin/whale")
        try await test.publish([".gitignore": "*.log\n", ".gitattributes": "*.w filter=lfs\n", "a.w": "weights", "b": "text"], to: "admin/whale")
        let files = try ["a.w", "b", "c.log", "c.tmp"].map { UploadCandidate(path: try FilePath(parsing: $0), size: 4, sample: Array("text".utf8)) }
        let plan = try await test.hub.planUpload(files, rules: UploadRules(usual: ""), to: .main, of: name, by: test.admin)
        #expect(plan.map(\.storage) == [.lfs, .regular, .regular, .regular])
        #expect(plan.map(\.isIgnored) == [false, false, true, false])
        #expect(plan.map { $0.current?.digest } == [TestHub.digest("weights"), TestHub.digest("text"), nil, nil])
        let rules = UploadRules(usual: "", ignore: "*.tmp\n", attributes: "b filter=lfs\n")
        let other = try await test.hub.planUpload(files, rules: rules, to: .main, of: name, by: test.admin)
        #expect(other.map(\.isIgnored) == [false, false, false, true])
        #expect(other.map(\.storage) == [.lfs, .lfs, .regular, .regular])
        #expect(
            try await code { try await test.hub.planUpload(files, rules: rules, to: try .named("dev"), of: name, by: test.admin) } == .unknownRevision
        )
    }
}

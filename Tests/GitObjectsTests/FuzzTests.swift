import Core
import Foundation
import GitObjects
import Hashing
import TestKit
import Testing

@Suite("bytes from anywhere never crash a parser")
struct FuzzTests {
    static let seeds: [[UInt8]] = {
        let id = GitID(bytes: [UInt8](repeating: 9, count: 20))
        let tree = GitTree(entries: [
            .init(name: "a", mode: .tree, id: id), .init(name: "a.b", mode: .file, id: id), .init(name: "é", mode: .executable, id: id)
        ])
        let who = GitSignature(name: "Ada", email: "ada@example.org", seconds: 5, offsetMinutes: 90)
        let commit = GitCommit(tree: id, parents: [id], author: who, committer: who, message: "m")
        return [tree.bytes, commit.bytes, Array(LFSPointer(digest: Digest(of: "x"), size: 77).text.utf8)]
    }()

    /// Some bytes changed, dropped, doubled or made up.
    static func mutate(_ bytes: [UInt8], _ chance: inout Chance) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<chance.number(0...4) where !bytes.isEmpty {
            let at = chance.number(0...(bytes.count - 1))
            switch chance.number(0...4) {
            case 0: bytes[at] = UInt8(chance.number(0...255))
            case 1: bytes.remove(at: at)
            case 2: bytes.insert(chance.pick([0, 0x0A, 0x20, 0x2F, 0x3C, 0x3E, 0x30, 0xFF] as [UInt8]), at: at)
            case 3: bytes.removeSubrange(at...)
            default: bytes += bytes[at...]
            }
        }
        return chance.number(0...9) == 0 ? chance.bytes(chance.number(0...200)) : bytes
    }

    @Test("thirty thousand damaged objects are refused or read back byte for byte")
    func objects() throws {
        var chance = Chance(seed: 1)
        var accepted = 0
        for _ in 0..<30_000 {
            let bytes = Self.mutate(chance.pick(Self.seeds), &chance)
            if let tree = try? GitTree(parsing: bytes) {
                #expect(tree.bytes == bytes)
                accepted += 1
            }
            if let commit = try? GitCommit(parsing: bytes) {
                #expect(commit.bytes == bytes)
                accepted += 1
            }
            if let pointer = LFSPointer(parsing: bytes) {
                #expect(Array(pointer.text.utf8) == bytes)
                accepted += 1
            }
        }
        #expect(accepted > 1000, "the fuzzer should not only make rubbish")
    }

    @Test("attributes and patterns made of anything give an answer")
    func attributes() throws {
        var chance = Chance(seed: 2)
        let path = try FilePath(parsing: "dir/sub/é.bin")
        let units = Array("*?[]!^-\\/\"ab:[:alpha:] \tfilter=lfs\n#".utf8) + [0, 0xC3, 0xFF]
        for _ in 0..<20_000 {
            let bytes = (0..<chance.number(0...40)).map { _ in chance.pick(units) }
            _ = GitAttributes(parsing: String(decoding: bytes, as: UTF8.self)).isLFS(path: path)
            _ = GitAttributes(parsing: String(decoding: bytes, as: UTF8.self) + " filter=lfs").isLFS(path: path)
        }
    }
}

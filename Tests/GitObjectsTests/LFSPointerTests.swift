import Core
import Foundation
import GitObjects
import Hashing
import TestKit
import Testing

@Suite("LFS pointers, with git-lfs as the judge")
struct LFSPointerTests {
    @Test("the text and the id are those of git lfs pointer", arguments: [0, 1, 42, 1_000_000])
    func text(size: Int) throws {
        let git = try Git()
        var chance = Chance(seed: size)
        let bytes = chance.bytes(size)
        try git.write(bytes, to: "file.bin")
        guard let expected = try? git.run("lfs", "pointer", "--file=file.bin") else { return }  // git-lfs is not everywhere
        let pointer = LFSPointer(digest: Digest(of: bytes), size: Int64(size))
        #expect(pointer.text == String(decoding: expected, as: UTF8.self))
        #expect(pointer.id.hex == git.line(try git.run("hash-object", "--stdin", input: expected)))
        if size > 0 { #expect(LFSPointer(parsing: expected) == pointer) }
    }

    static let good = LFSPointer(digest: Digest(of: "whale"), size: 12_345).text

    @Test(
        "what only resembles a pointer is an ordinary file",
        arguments: [
            "", "version https://git-lfs.github.com/spec/v1\n", good + "\n", String(good.dropLast()), " " + good,
            good.replacing("12345", with: "012345"), good.replacing("12345", with: "+12345"), good.replacing("12345", with: "-1"),
            good.replacing("12345", with: "0"), good.replacing("12345", with: ""), good.replacing("12345", with: "99999999999999999999"),
            good.replacing("\n", with: "\r\n"), good.replacing("v1", with: "v2"), good.replacing("sha256", with: "sha512"),
            good.uppercased(), good.replacing("size", with: "ext-0-x sha256:00\nsize"),
            good.replacing("oid sha256:", with: "oid sha256:sha256:")
        ])
    func refuses(_ text: String) { #expect(LFSPointer(parsing: Array(text.utf8)) == nil) }

    @Test("reads back what it writes", arguments: [1, 9, 10, Int64.max])
    func roundTrip(size: Int64) {
        let pointer = LFSPointer(digest: Digest(of: "\(size)"), size: size)
        #expect(LFSPointer(parsing: Array(pointer.text.utf8)) == pointer)
        #expect(pointer.text.utf8.count < 1024)
    }
}

import Blobs
import Core
import Foundation
import Hashing
import Testing

@Suite struct CopyTests {
    let here: Folder
    let there: Folder
    init() throws {
        here = try Folder()
        there = try Folder()
    }

    @Test("a copy has every blob, recipes and their sources included; a second one copies nothing")
    func copy() async throws {
        let (store, backup) = (try here.store(), try there.store())
        var digests: [Digest] = []
        for size in [0, 10, 1 << 20, 3_000_000] { digests.append(try await store.write(bytes(size)).digest) }
        let part = Array(bytes(3_000_000)[100..<2_000_000])
        let recipe = try await store.writeRecipe([Extent(digest: digests[3], offset: 100, count: 1_999_900)], expected: Digest(of: part))
        var last: (Int, Int64) = (0, 0)
        let result = try await store.copyBlobs(to: backup, digests: [recipe.digest] + digests) { last = ($0, $1) }
        #expect(result.copied == 5)
        #expect(result.bytes == 10 + (1 << 20) + 3_000_000)
        #expect(last == (result.copied, result.bytes))
        #expect(try await backup.read(recipe.digest) == part)
        for digest in digests { #expect(try await backup.verify(digest, bytesPerSecond: nil) == .whole) }
        #expect(try here.files() == there.files())
        #expect(try await store.copyBlobs(to: backup, digests: digests + [recipe.digest]) == (0, 0))
    }

    @Test("a damaged blob is not copied", arguments: [100, 3_000_000])
    func damaged(_ size: Int) async throws {
        let (store, backup) = (try here.store(), try there.store())
        let digest = try await store.write(bytes(size)).digest
        try FileManager.default.removeItem(atPath: here.layout.blob(digest))
        try Data(bytes(size, seed: 5)).write(to: URL(fileURLWithPath: here.layout.blob(digest)))
        #expect(await code { _ = try await store.copyBlobs(to: backup, digests: [digest]) } == .storageDamaged)
        #expect(try there.files() == [])
        #expect(await code { _ = try await store.copyBlobs(to: backup, digests: [Digest(of: "no")]) } == .unknownBlob)
    }
}

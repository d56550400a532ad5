import Blobs
import Core
import Foundation
import NIOCore
import Hashing
import Testing

@Suite struct RecipeTests {
    let folder: Folder
    init() throws { folder = try Folder() }

    @Test("every range of a recipe equals the range of the whole")
    func ranges() async throws {
        let store = try folder.store()
        let (a, b) = (bytes(1_000, seed: 1), bytes(3_000_000, seed: 2))
        let (da, db) = (try await store.write(a).digest, try await store.write(b).digest)
        let whole = Array(b[5..<2_500_000] + a[..<700] + a[..<700] + b[2_999_999...])
        let extents = [
            Extent(digest: db, offset: 5, count: 2_499_995), Extent(digest: da, offset: 0, count: 700),
            Extent(digest: da, offset: 0, count: 700), Extent(digest: db, offset: 2_999_999, count: 1)
        ]
        let written = try await store.writeRecipe(extents, expected: Digest(of: whole))
        #expect(written.wasNew)
        #expect(written.size == Int64(whole.count))
        #expect(try await store.gitBlobID(of: written.digest) == written.gitID)
        #expect(try store.size(of: written.digest) == Int64(whole.count))
        let end = Int64(whole.count)
        for range in [(0, 0), (0, end), (0, 1), (end - 1, end), (2_499_990, 2_500_010), (2_499_995, 2_500_695), (end - 701, end)] {
            #expect(try await store.read(written.digest, ByteRange(range.0, range.1)) == Array(whole[Int(range.0)..<Int(range.1)]))
        }
        #expect(try await store.recipeSources(of: written.digest) == [da, db].sorted())
        #expect(try await store.recipeSources(of: da) == [])
        #expect(try await store.verify(written.digest, bytesPerSecond: nil) == .whole)
        #expect(try await !store.writeRecipe(extents, expected: Digest(of: whole)).wasNew)
        #expect(try await !store.write(Body(whole), expected: nil, size: nil).wasNew)
    }

    @Test("a recipe of a recipe reads from whole files")
    func nested() async throws {
        let store = try folder.store()
        let a = bytes(1_000)
        let da = try await store.write(a).digest
        let inner = try await store.writeRecipe(
            [Extent(digest: da, offset: 100, count: 300), Extent(digest: da, offset: 0, count: 50)],
            expected: Digest(of: Array(a[100..<400] + a[..<50])))
        let outer = Array(a[350..<400] + a[..<20])
        let written = try await store.writeRecipe([Extent(digest: inner.digest, offset: 250, count: 70)], expected: Digest(of: outer))
        #expect(try await store.recipeSources(of: written.digest) == [da])
        #expect(try await store.moveToTrash([inner.digest], at: noon, untouchedSince: nil) == [inner.digest])
        #expect(try await store.read(written.digest) == outer)
    }

    @Test("a recipe that adds up to something else leaves no trace")
    func wrong() async throws {
        let store = try folder.store()
        let da = try await store.write([1, 2, 3]).digest
        let before = try folder.files()
        let (all, much) = ([Extent(digest: da, offset: 0, count: 3)], [Extent(digest: da, offset: 1, count: 3)])
        #expect(await code { _ = try await store.writeRecipe(all, expected: Digest(of: "x")) } == .digestMismatch)
        #expect(await code { _ = try await store.writeRecipe(much, expected: Digest(of: "x")) } == .invalidRequest)
        let gone = Digest(of: "gone")
        do {
            _ = try await store.writeRecipe([Extent(digest: gone, offset: 0, count: 1)], expected: gone)
            Issue.record("a recipe of nothing was accepted")
        } catch let error as HubError {
            #expect(error.code == .blobsMissing)
            #expect(error.details["missing"] == gone.description)
        }
        #expect(try folder.files() == before)
    }

    @Test("bytes sent whole take the place of a recipe whose source has gone")
    func healed() async throws {
        let store = try folder.store()
        let source = try await store.write([1, 2, 3, 4]).digest
        let recipe = try await store.writeRecipe([Extent(digest: source, offset: 1, count: 2)], expected: Digest(of: [2, 3])).digest
        #expect(try await store.quarantine(source))
        #expect(await code { _ = try await store.read(recipe) } == .storageDamaged)
        #expect(try await store.verify(recipe, bytesPerSecond: nil) == .damaged(found: nil))
        #expect(try await store.write([2, 3]).wasNew)
        #expect(try await store.read(recipe) == [2, 3])
    }

    @Test("a recipe of many files costs its reader one descriptor at a time, and is read on when a source is condemned")
    func many() async throws {
        let store = try folder.store()
        var extents: [Extent] = []
        var all: [UInt8] = []
        for number in 0..<300 {
            let bytes = Array("source number \(number)".utf8)
            extents.append(Extent(digest: try await store.write(bytes).digest, offset: 0, count: Int64(bytes.count)))
            all += bytes
        }
        let recipe = try await store.writeRecipe(extents, expected: Digest(of: all)).digest
        let before = try Self.descriptors()
        let source = try store.open(recipe)
        #expect(try Self.descriptors() - before < 20)
        _ = try await store.moveToTrash([extents[7].digest], at: Instant(milliseconds: 1), untouchedSince: nil)
        #expect(try Array(source.read(ByteRange(0, source.size)).readableBytesView) == all)
        #expect(try Self.descriptors() - before < 20)
    }

    /// Other suites run at the same time, so a few more or less say nothing.
    private static func descriptors() throws -> Int { try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count }
}

import Blobs
import Core
import Hashing
import NIOCore
import Testing

@Suite struct ReformTests {
    let folder: Folder
    init() throws { folder = try Folder() }

    func isWhole(_ digest: Digest) throws -> Bool { try folder.files().contains("blobs/sha256/\(digest.hex.prefix(2))/\(digest.hex)") }
    func isRecipe(_ digest: Digest) throws -> Bool { try folder.files().contains("recipes/sha256/\(digest.hex.prefix(2))/\(digest.hex)") }

    @Test("a whole file becomes a recipe over another; every reader goes on")
    func reform() async throws {
        let store = try folder.store()
        let all = bytes(3_000_000)
        let part = Array(all[2_000_000...] + all[..<500_000])
        let (whole, piece) = (try await store.write(all).digest, try await store.write(part).digest)
        let runs = [Extent(digest: whole, offset: 2_000_000, count: 1_000_000), Extent(digest: whole, offset: 0, count: 500_000)]
        let above = Array(part[900_000..<1_100_000])
        let recipe = try await store.writeRecipe([Extent(digest: piece, offset: 900_000, count: 200_000)], expected: Digest(of: above)).digest
        let (early, through) = (try store.open(piece), try store.open(recipe))
        #expect(try await store.reform(piece, over: runs))
        #expect(try isRecipe(piece) && !isWhole(piece) && isWhole(whole))
        for source in [early, try store.open(piece)] { #expect(try Array(source.read(ByteRange(0, source.size)).readableBytesView) == part) }
        for source in [through, try store.open(recipe)] { #expect(try Array(source.read(ByteRange(0, source.size)).readableBytesView) == above) }
        #expect(try await store.recipeSources(of: recipe) == [piece, whole].sorted())
        #expect(try await store.missing(from: [piece, recipe]) == [])
        #expect(try await !store.write(part).wasNew)
        #expect(try !isWhole(piece))
        // A new recipe reads from the whole file alone.
        let tail = Array(part.suffix(10))
        let direct = try await store.writeRecipe([Extent(digest: piece, offset: 1_499_990, count: 10)], expected: Digest(of: tail)).digest
        #expect(try await store.recipeSources(of: direct) == [whole])
        #expect(try await !store.reform(piece, over: runs), "it is no whole file any more")

        // It lies in the trash for those who read it, and is not given back.
        #expect(try await store.trash().map(\.digest) == [piece])
        #expect(try await !store.restoreFromTrash(piece))
        #expect(try await store.purgeTrash(olderThan: Instant(milliseconds: .max)).map(\.digest) == [piece])
        #expect(try await store.read(piece) == part)
        #expect(try await store.read(recipe) == above)
        #expect(try await store.verify(recipe, bytesPerSecond: nil) == .whole)
    }

    @Test("other bytes, bytes that are not here, or itself: nothing is changed")
    func refused() async throws {
        let store = try folder.store()
        let (a, b) = (try await store.write(bytes(1000)).digest, try await store.write(bytes(1000, seed: 2)).digest)
        let before = try folder.files()
        #expect(try await !store.reform(a, over: [Extent(digest: b, offset: 0, count: 1000)]))
        #expect(try await !store.reform(a, over: [Extent(digest: a, offset: 0, count: 1000)]))
        #expect(try await !store.reform(a, over: [Extent(digest: b, offset: 0, count: 999)]))
        #expect(try await !store.reform(Digest(of: "none"), over: []))
        let gone = Digest(of: "gone")
        #expect(await code { _ = try await store.reform(a, over: [Extent(digest: gone, offset: 0, count: 1)]) } == .blobsMissing)
        #expect(try folder.files() == before)
    }

    @Test("two blobs over each other: one of them stays")
    func circle() async throws {
        let store = try folder.store()
        // Both hold the other's bytes, one byte apart.
        let zeros = [UInt8](repeating: 0, count: 100_000)
        let (a, b) = (try await store.write(zeros).digest, try await store.write(zeros + [0]).digest)
        let overB = [Extent(digest: b, offset: 0, count: 100_000)]
        let overA = [Extent(digest: a, offset: 0, count: 100_000), Extent(digest: a, offset: 0, count: 1)]
        for _ in 0..<3 {
            async let one = store.reform(a, over: overB)
            async let other = store.reform(b, over: overA)
            _ = try await (one, other)
            #expect(try isWhole(a) != isWhole(b))
            #expect(try await store.read(a) == zeros)
            #expect(try await store.read(b) == zeros + [0])
        }
    }

    @Test("a condemned recipe brings back what its sources have become")
    func restored() async throws {
        let store = try folder.store()
        let all = bytes(10_000)
        let (whole, piece) = (try await store.write(all).digest, try await store.write(Array(all[..<5000])).digest)
        let recipe = try await store.writeRecipe([Extent(digest: piece, offset: 1, count: 9)], expected: Digest(of: Array(all[1..<10]))).digest
        #expect(try await store.reform(piece, over: [Extent(digest: whole, offset: 0, count: 5000)]))
        _ = try await store.purgeTrash(olderThan: Instant(milliseconds: .max))
        #expect(try await store.moveToTrash([whole, recipe], at: noon, untouchedSince: nil).count == 2)
        #expect(try await store.missing(from: [piece, recipe, whole]) == [piece, recipe, whole])
        #expect(try await store.restoreFromTrash(recipe))
        #expect(try await store.read(recipe) == Array(all[1..<10]))
        #expect(try await store.missing(from: [piece, recipe, whole]) == [])
    }

    @Test("what a crash left beside its recipe goes to the trash, but only if the recipe is sound")
    func finished() async throws {
        let store = try folder.store()
        let all = bytes(10_000)
        let part = Array(all[..<5000])
        let whole = try await store.write(all).digest
        let piece = try await store.writeRecipe([Extent(digest: whole, offset: 0, count: 5000)], expected: Digest(of: part)).digest
        #expect(try await store.finishReforming() == 0)
        #expect(try await store.quarantine(whole))
        #expect(try await store.write(part).wasNew)
        #expect(try isWhole(piece) && isRecipe(piece))
        #expect(try await store.finishReforming() == 0, "its source has gone")
        #expect(try await store.write(all).wasNew)
        #expect(try await store.finishReforming() == 1)
        #expect(try !isWhole(piece))
        #expect(try await store.read(piece) == part)
    }

    @Test("all of one blob is that blob, without another file")
    func identity() async throws {
        let store = try folder.store()
        let a = try await store.write(bytes(5000)).digest
        let before = try folder.files()
        let halves = [Extent(digest: a, offset: 0, count: 2000), Extent(digest: a, offset: 2000, count: 3000)]
        let written = try await store.writeRecipe(halves, expected: a)
        #expect(written.digest == a && !written.wasNew && written.size == 5000)
        #expect(await code { _ = try await store.writeRecipe(halves, expected: Digest(of: "x")) } == .digestMismatch)
        #expect(try folder.files() == before)
    }
}

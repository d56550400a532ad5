import Blobs
import Core
import Foundation
import Hub
import NIOCore
import TestKit
import Testing
import XetFormat

@Suite("one blob, two doors")
struct TwoDoorsTests {
    @Test("what is here whole keeps its file; the xorb of the same bytes becomes a recipe over it")
    func wholeFirst() async throws {
        let test = try await TestHub()
        let xorb = SampleXorb(seed: 1)
        let file = SampleFile([(xorb, 2..<5), (xorb, 0..<2)])
        try await test.send(file.bytes, by: test.admin)
        try await test.publish([("f", file)], to: "acme/whale", by: test.admin)
        try await test.send(xorb, by: test.admin)
        let early = try test.hub.open(xorb.digest)
        #expect(try await test.register(file, by: test.admin))
        #expect(try test.isWhole(file.digest) && !test.isRecipe(file.digest))
        #expect(try test.isRecipe(xorb.digest) && !test.isWhole(xorb.digest))
        #expect(try await test.read(xorb.digest) == xorb.raw)
        #expect(try early.read(ByteRange(0, early.size)).readableBytesView.elementsEqual(xorb.raw), "whoever reads, reads on")
        #expect(try await test.verify().isWhole)

        // All of it still works: referring to the xorb, reading by it, sending it again.
        let other = SampleFile([(xorb, 1..<2), (xorb, 4..<5)])
        #expect(try await test.register(other, by: test.admin))
        #expect(try await test.read(other.digest) == other.bytes)
        try await test.publish([("o", other)], to: "acme/other", by: test.admin)
        let plan = try await test.hub.plan(try test.hub.xetFile(file.shard.id, for: .anonymous), nil)
        #expect(try await test.follow(plan, limit: .max) == file.bytes)
        #expect(try await !test.send(xorb, by: test.user("eve")))

        // The file under the xorb goes when its grace is over, and is not taken for needed.
        test.clock.turn(days: 2)
        let collected = try await test.collect()
        #expect(collected.restored == 0 && collected.purged == 1 && collected.purgedBytes == Int64(xorb.raw.count))
        #expect(try await test.read(xorb.digest) == xorb.raw)
        #expect(try await test.read(other.digest) == other.bytes)
        #expect(try await test.verify().isWhole)
        await test.close()
    }

    @Test("recipes made before lead on to the file that took the place of their xorb")
    func recipesFollow() async throws {
        let test = try await TestHub()
        let (a, b) = (SampleXorb(seed: 1), SampleXorb(seed: 2))
        for xorb in [a, b] { try await test.send(xorb, by: test.admin) }
        let early = SampleFile([(b, 1..<3), (a, 1..<2)])
        try await test.register(early, by: test.admin)
        let reader = try test.hub.open(early.digest)
        let whole = SampleFile([(a, 0..<5), (b, 0..<5)])
        try await test.send(whole.bytes, by: test.admin)
        try await test.register(whole, by: test.admin)
        #expect(try test.isRecipe(a.digest) && !test.isWhole(a.digest) && test.isRecipe(b.digest) && !test.isWhole(b.digest))
        #expect(try await test.read(early.digest) == early.bytes)
        #expect(try reader.read(ByteRange(0, reader.size)).readableBytesView.elementsEqual(early.bytes))
        #expect(Set(try await test.hub.blobs.recipeSources(of: early.digest)) == [a.digest, b.digest, whole.digest])
        try await test.publish([("e", early)], to: "acme/early", by: test.admin)

        // Only the early file is kept; its bytes are in a file that nobody names.
        test.clock.turn(days: 40)
        for _ in 0..<3 {
            _ = try await test.collect(grace: 0)
            test.clock.turn(days: 40)
        }
        #expect(try test.isWhole(whole.digest))
        #expect(try await test.read(early.digest) == early.bytes)
        #expect(try await test.verify().isWhole)

        let target = try TestFolder()
        _ = try await test.hub.backup(to: target.file("data"), by: test.admin) { _, _ in }
        let copy = try await TestHub(in: target, clock: test.clock)
        #expect(try await copy.read(early.digest) == early.bytes)
        #expect(try await copy.verify().isWhole)
        await copy.close()
        await test.close()
    }

    @Test("a file that comes again in other xorbs is kept once, and outlives those it came in first")
    func twoCuts() async throws {
        let test = try await TestHub()
        let chunks = SampleXorb(seed: 1).chunks
        let (a, b) = (SampleXorb(Array(chunks[..<2])), SampleXorb(Array(chunks[2...])))
        let first = SampleFile([(a, 0..<2), (b, 0..<3)])
        for xorb in [a, b] { try await test.send(xorb, by: test.admin) }
        try await test.register(first, by: test.admin)
        try await test.publish([("f", first)], to: "acme/whale", by: test.admin)

        let eve = try await test.user("eve")
        let (c, d) = (SampleXorb(Array(chunks[..<3])), SampleXorb(Array(chunks[3...])))
        let second = SampleFile([(c, 0..<3), (d, 0..<2)])
        #expect(second.digest == first.digest)
        for xorb in [c, d] { try await test.send(xorb, by: eve) }
        try await test.register(second, by: eve)
        for xorb in [a, b] { #expect(try test.isWhole(xorb.digest) && !test.isRecipe(xorb.digest)) }
        for xorb in [c, d] { #expect(try test.isRecipe(xorb.digest) && !test.isWhole(xorb.digest)) }
        for xorb in [a, b, c, d] { #expect(try await test.read(xorb.digest) == xorb.raw) }
        #expect(try await test.verify().isWhole)

        // Registering the first again must not turn it into a recipe over what stands on it.
        try await test.register(first, by: test.admin)
        for xorb in [a, b] { #expect(try test.isWhole(xorb.digest)) }
        test.clock.turn(days: 40)
        for _ in 0..<3 {
            _ = try await test.collect(grace: 0)
            test.clock.turn(days: 40)
        }
        #expect(try await test.read(first.digest) == first.bytes)
        #expect(try await test.verify().isWhole)
        await test.close()
    }

    @Test("a xorb that holds more than the whole files keeps its own file")
    func notCovered() async throws {
        let test = try await TestHub()
        let xorb = SampleXorb(seed: 1)
        let file = SampleFile([(xorb, 0..<4)])
        try await test.send(file.bytes, by: test.admin)
        try await test.send(xorb, by: test.admin)
        try await test.register(file, by: test.admin)
        #expect(try test.isWhole(xorb.digest) && test.isWhole(file.digest))

        // Two whole files of one shard may cover it together.
        let rest = SampleFile([(xorb, 4..<5)])
        try await test.send(rest.bytes, by: test.admin)
        try await test.register([file.shard, rest.shard], by: test.admin)
        #expect(try test.isRecipe(xorb.digest) && !test.isWhole(xorb.digest))
        #expect(try await test.read(xorb.digest) == xorb.raw)
        await test.close()
    }

    @Test("what came by Xet keeps its recipe when the bytes come whole")
    func recipeFirst() async throws {
        let test = try await TestHub()
        let xorb = SampleXorb(seed: 1)
        let file = SampleFile([(xorb, 0..<4)])
        try await test.send(xorb, by: test.admin)
        try await test.register(file, by: test.admin)
        let files = try test.stored()
        let written = try await test.hub.receive(Pieces(file.bytes), expected: file.digest, size: Int64(file.bytes.count), by: test.admin)
        #expect(!written.wasNew)
        #expect(try test.stored() == files)
        await test.close()
    }

    @Test("a file that is exactly one xorb is stored once, whichever comes first")
    func same() async throws {
        for isFileFirst in [true, false] {
            let test = try await TestHub()
            let xorb = SampleXorb(seed: 1)
            if isFileFirst { try await test.send(xorb.raw, by: test.admin) }
            try await test.send(xorb, by: test.admin)
            if !isFileFirst { try await test.send(xorb.raw, by: test.admin) }
            try await test.register(SampleFile(xorb), by: test.admin)
            #expect(try test.isWhole(xorb.digest) && !test.isRecipe(xorb.digest))
            #expect(try test.stored().count == 2, "the bytes and the list of chunks")
            await test.close()
        }
    }
}

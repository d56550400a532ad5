import Blobs
import Core
import Hashing
import NIOCore
import Testing

/// What every store promises.
@Suite struct ContractTests {
    let folder: Folder
    init() throws { folder = try Folder() }

    @Test("what was written is read back, whatever its size", arguments: StoreKind.allCases, [0, 1, 10_240, 262_144, 262_145, 1 << 20, 5_000_001])
    func roundTrip(_ kind: StoreKind, _ size: Int) async throws {
        let store = try kind.make(in: folder)
        let content = bytes(size)
        let written = try await store.write(Body(content, chunk: 40_000), expected: Digest(of: content), size: Int64(size))
        #expect(written.digest == Digest(of: content))
        #expect(written.size == Int64(size))
        #expect(written.wasNew)
        #expect(try store.size(of: written.digest) == Int64(size))
        #expect(try await store.read(written.digest) == content)
        #expect(try written.gitID == (await store.gitBlobID(of: written.digest)))
    }

    @Test("git's id is git's own", arguments: StoreKind.allCases)
    func gitID(_ kind: StoreKind) async throws {
        let store = try kind.make(in: folder)
        // printf 'hello\n' | git hash-object --stdin
        let written = try await store.write(Array("hello\n".utf8))
        #expect(written.gitID?.hex == "ce013625030ba8dba906f756967f9e9ca394464a")
    }

    @Test("git's id waits where the size is not known, or is that of an LFS file", arguments: StoreKind.allCases)
    func noGitID(_ kind: StoreKind) async throws {
        let store = try kind.make(in: folder)
        #expect(try await store.write(Body(bytes(300_000)), expected: nil, size: nil).gitID == nil)
        let large = bytes(10 << 20)
        let written = try await store.write(Body(large), expected: nil, size: 10 << 20)
        #expect(written.gitID == nil)
        #expect(try await store.gitBlobID(of: written.digest).hex.count == 40)
    }

    @Test("bytes of another digest leave no trace", arguments: StoreKind.allCases, [0, 10, 300_000, 3_000_000])
    func digestMismatch(_ kind: StoreKind, _ size: Int) async throws {
        let store = try kind.make(in: folder)
        let content = bytes(size)
        let other = Digest(of: "something else")
        #expect(await code { _ = try await store.write(Body(content), expected: other, size: nil) } == .digestMismatch)
        #expect(try store.size(of: other) == nil)
        #expect(try store.size(of: Digest(of: content)) == nil)
        #expect(try folder.files() == [])
    }

    @Test("too few and too many bytes leave no trace", arguments: StoreKind.allCases, [Int64(-1), 1])
    func sizeMismatch(_ kind: StoreKind, _ difference: Int64) async throws {
        let store = try kind.make(in: folder)
        for size in [100, 3_000_000] {
            let announced = Int64(size) + difference
            #expect(await code { _ = try await store.write(Body(bytes(size)), expected: nil, size: announced) } == .sizeMismatch)
        }
        #expect(try folder.files() == [])
    }

    @Test("a body that breaks off leaves no trace", arguments: StoreKind.allCases, [100, 3_000_000])
    func brokenBody(_ kind: StoreKind, _ size: Int) async throws {
        let store = try kind.make(in: folder)
        await #expect(throws: Body.BrokenOff.self) { try await store.write(Body(bytes(size), end: .broken), expected: nil, size: nil) }
        #expect(try folder.files() == [])
    }

    @Test("a cancelled write leaves no trace, even if the body only seems to end", arguments: StoreKind.allCases, [100, 3_000_000])
    func cancelled(_ kind: StoreKind, _ size: Int) async throws {
        let store = try kind.make(in: folder)
        let task = Task { try await store.write(Body(bytes(size), end: .stalled), expected: nil, size: nil) }
        try await Task.sleep(for: .milliseconds(50))
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(try folder.files() == [])
    }

    @Test("writing again succeeds and changes nothing", arguments: StoreKind.allCases, [100, 3_000_000])
    func again(_ kind: StoreKind, _ size: Int) async throws {
        let store = try kind.make(in: folder)
        let first = try await store.write(Body(bytes(size)), expected: nil, size: nil)
        let before = try folder.files()
        let second = try await store.write(Body(bytes(size)), expected: first.digest, size: Int64(size))
        #expect(first.wasNew)
        #expect(!second.wasNew)
        #expect(try folder.files() == before)
    }

    @Test("sixteen writers of one blob make one blob", arguments: StoreKind.allCases, [10_000, 2_000_000])
    func sixteen(_ kind: StoreKind, _ size: Int) async throws {
        let store = try kind.make(in: folder)
        let content = bytes(size)
        let written = try await withThrowingTaskGroup(of: Written.self) { group in
            for _ in 0..<16 { group.addTask { try await store.write(Body(content), expected: Digest(of: content), size: Int64(size)) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(written.count(where: \.wasNew) == 1)
        #expect(try folder.files() == ["blobs/sha256/\(Digest(of: content).hex.prefix(2))/\(Digest(of: content).hex)"])
        #expect(try await store.read(Digest(of: content)) == content)
    }

    @Test("a batch stores each of its blobs, in order, and repeats none", arguments: StoreKind.allCases, [1, 5, 100])
    func batch(_ kind: StoreKind, _ count: Int) async throws {
        let store = try kind.make(in: folder)
        let contents = (0..<count).map { bytes(100 + $0, seed: UInt64($0 + 1)) }
        var items = contents.map { BatchItem(expected: Digest(of: $0), bytes: ByteBuffer(bytes: $0)) }
        items.append(items[0])
        let written = try await store.writeBatch(items)
        #expect(written.map(\.digest) == items.map(\.expected))
        #expect(written.count(where: \.wasNew) == count)
        #expect(!written.last!.wasNew)
        for content in contents { #expect(try await store.read(Digest(of: content)) == content) }
        #expect(try await !store.writeBatch(items).contains(where: \.wasNew))
    }

    @Test("one wrong blob in a batch: none of it has a name", arguments: StoreKind.allCases)
    func wrongBatch(_ kind: StoreKind) async throws {
        let store = try kind.make(in: folder)
        var items = (0..<20).map { i in BatchItem(expected: Digest(of: [UInt8(i)]), bytes: ByteBuffer(bytes: [UInt8(i)])) }
        items[13] = BatchItem(expected: Digest(of: "other"), bytes: ByteBuffer(bytes: [13]))
        #expect(await code { _ = try await store.writeBatch(items) } == .digestMismatch)
        #expect(try folder.files() == [])
    }

    @Test("what is missing is named in order", arguments: StoreKind.allCases)
    func missing(_ kind: StoreKind) async throws {
        let store = try kind.make(in: folder)
        let here = try await store.write([1, 2, 3]).digest
        let gone = [Digest(of: "b"), Digest(of: "a")]
        #expect(try await store.missing(from: [gone[0], here, gone[1]]) == gone)
        #expect(await code { _ = try store.open(gone[0]) } == .unknownBlob)
        #expect(await code { _ = try await store.bytes(of: here, limit: 2) } == .tooLarge)
        #expect(try await store.bytes(of: here, limit: 3) == [1, 2, 3])
        #expect(await code { _ = try store.stream(here, range: ByteRange(0, 4)) } == .rangeNotSatisfiable)
    }

    @Test("every blob is walked once, in order", arguments: StoreKind.allCases)
    func walk(_ kind: StoreKind) async throws {
        let store = try kind.make(in: folder)
        var digests: [Digest] = []
        for i in 0..<50 { digests.append(try await store.write(bytes(i, seed: 7)).digest) }
        var walked: [Digest] = []
        try await store.forEachBlob { (digest, size, _) async throws in
            walked.append(digest)
            #expect(try store.size(of: digest) == size)
        }
        #expect(walked == digests.sorted())
    }
}

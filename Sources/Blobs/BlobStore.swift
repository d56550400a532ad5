package import Core
package import NIOCore

/// Bytes at rest, named by what they are.
/// - A blob is visible whole or not at all, also after a crash; what was answered is on disk.
/// - Writing a blob that is already there succeeds and changes nothing but its age.
/// - A write rejects bytes that do not match what was announced (`.digestMismatch`,
///   `.sizeMismatch`) and leaves no trace, whether it was refused, cancelled or cut off.
/// - A full disk is `.storageFull`; everything stored stays readable.
/// - Bodies of any size pass in constant memory.
package protocol BlobStore: Sendable {
    // MARK: Asking

    /// The bytes of a blob, or nil where it is not here. One stat: cheap enough for an event loop.
    func size(of digest: Digest) throws -> Int64?
    /// Those of `digests` that are not here, or are recipes of what is not, in the order given.
    func missing(from digests: [Digest]) async throws -> [Digest]

    // MARK: Reading

    /// Opens a blob; throws `.unknownBlob`. Only opens files, so cheap enough for an event loop.
    /// What was opened stays readable even if the blob is removed meanwhile.
    func open(_ digest: Digest) throws -> ByteSource
    /// The bytes of a range, or of all, as they are read.
    func stream(_ digest: Digest, range: ByteRange?) throws -> BlobBytes
    /// All bytes of a small blob; `.tooLarge` where it has more than `limit`.
    func bytes(of digest: Digest, limit: Int) async throws -> [UInt8]
    /// What git calls the blob: SHA-1 over `blob <size>`, NUL and the bytes.
    func gitBlobID(of digest: Digest) async throws -> GitID

    // MARK: Writing

    /// Stores a body as it arrives. With `expected` or `size` it must match them.
    func write<Body: AsyncSequence & Sendable>(_ body: Body, expected: Digest?, size: Int64?) async throws -> Written
    where Body.Element == ByteBuffer
    func write(_ bytes: [UInt8]) async throws -> Written
    /// Stores many small blobs and makes them durable together: all are compared before any has a
    /// name. All of it is in memory, so the caller bounds a batch, say to 256 blobs and 16 MiB.
    func writeBatch(_ items: [BatchItem]) async throws -> [Written]
    /// Stores a blob as runs of others, without copying bytes; hashes what they add up to before it
    /// has a name. `.blobsMissing` names the sources that are not here. All of one blob is that
    /// blob: then nothing is hashed or written.
    /// - Parameter progress: is told the bytes read so far.
    func writeRecipe(
        _ extents: [Extent], expected: Digest, progress: (@Sendable (Int64) -> Void)?
    ) async throws -> Written
    /// Keeps a blob as runs of other whole files from now on, so that bytes that are here twice
    /// are kept once. Compares every byte first. False, and nothing is changed, where it is no
    /// whole file, or where the runs hold other bytes or lead back to it. Its own file lies in the
    /// trash for the grace, for those who are reading it.
    func reform(_ digest: Digest, over extents: [Extent]) async throws -> Bool
    /// Ends what a crash cut off in `reform`: whole files beside sound recipes of the same bytes
    /// go to the trash; how many.
    func finishReforming() async throws -> Int

    // MARK: Uploads in parts

    /// Begins an upload, or finds it where the same owner began the same one before, from whatever
    /// machine. `partSize` in bytes; nil chooses one. At most 10,000 parts.
    func beginUpload(digest: Digest, size: Int64, partSize: Int64?, owner: Int64, now: Instant) async throws -> UploadFacts
    /// Throws `.unknownUpload` also where another owner began it, or where it has expired.
    func upload(_ id: UploadID, owner: Int64, now: Instant) async throws -> UploadFacts
    /// Stores one part, in any order and several at once; it must have exactly the length of its
    /// number. With `expected` it is compared before it counts as received. A later write of a
    /// part that is still arriving takes its place.
    func writePart<Body: AsyncSequence & Sendable>(
        _ id: UploadID, number: Int, body: Body, expected: Digest?, owner: Int64, now: Instant
    ) async throws where Body.Element == ByteBuffer
    /// Makes the blob of the parts. `.sizeMismatch` names parts that are missing and keeps the
    /// upload; `.digestMismatch` forgets it.
    func completeUpload(_ id: UploadID, owner: Int64, now: Instant) async throws -> Written
    func abortUpload(_ id: UploadID, owner: Int64, now: Instant) async throws
    /// Forgets uploads that were idle for too long; how many.
    func expireUploads(now: Instant) async throws -> Int

    // MARK: Collection and care

    /// Calls `body` for every blob once, in order of digest, with its bytes and when it was last
    /// written.
    func forEachBlob(_ body: (Digest, Int64, Instant) async throws -> Void) async throws
    /// The blobs that a recipe reads from, those of its sources that are recipes now included; empty
    /// for a whole file. `.unknownBlob` if not here.
    func recipeSources(of digest: Digest) async throws -> [Digest]
    /// Condemns blobs, except those written after `untouchedSince`; returns those it moved. A
    /// condemned blob is not here for anyone else.
    func moveToTrash(_ digests: [Digest], at now: Instant, untouchedSince: Instant?) async throws -> [Digest]
    /// Gives a condemned blob back, with the sources of a recipe; false if it is not in the trash,
    /// or where its bytes are here all the same.
    func restoreFromTrash(_ digest: Digest) async throws -> Bool
    func trash() async throws -> [CondemnedBlob]
    /// Deletes what was condemned before `moment`; what it deleted.
    func purgeTrash(olderThan moment: Instant) async throws -> [CondemnedBlob]
    /// Reads a blob from end to end, at most so many bytes in a second.
    func verify(_ digest: Digest, bytesPerSecond: Int?) async throws -> Condition
    /// Takes a damaged blob out of sight and keeps it for a person to look at; false if not here.
    func quarantine(_ digest: Digest) async throws -> Bool
}

import Core
import NIOCore
import NIOPosix

/// Sends a part of a source by sendfile, a slice at a time, on the connection's event loop.
/// One slice is in flight; the next follows when the socket has taken it. The source is held
/// until the end, and let go at once when the client leaves.
final class Transfer {
    enum Failure: Error {
        /// A file holds fewer bytes than its blob: nothing may be sent in their place. -1 where it
        /// is gone.
        case fileShort(wanted: Int64, size: Int64)
    }

    /// 2 MiB: larger slices starve the other connections of the loop, smaller ones cost CPU.
    static let slice = 2 << 20
    /// Without a pause the loop would never get round to anybody else while a client keeps up.
    static let pause = TimeAmount.microseconds(50)
    /// Where there is nobody else to get round to, as long as it takes the loop to look.
    static let pauseAlone = TimeAmount.microseconds(5)
    /// Pages are looked for this far ahead at a time: asking costs more than a slice is worth.
    static let look = 16 << 20
    /// How much is asked of the disk at once where pages are cold.
    static let readAhead = 8 << 20

    private let context: ChannelHandlerContext
    private let pool: NIOThreadPool
    private var rest: ArraySlice<ByteSource.Extent>
    private var offset: Int64 = 0  // inside the first of `rest`
    private let isAlone: () -> Bool
    private let queued: (Int) -> Void
    /// Where in `warmFile` the pages were last seen in memory.
    private var warm: Range<Int64> = 0..<0
    private var warmFile: Int32 = -1
    private var finish: ((Result<Void, any Error>) -> Void)?

    /// `context` is where raw bytes enter the pipeline, past the encoder. On the loop,
    /// `queued` hears of the bytes handed to the socket and `finish`, once, of the end.
    init(
        _ source: ByteSource, _ range: ByteRange, into context: ChannelHandlerContext, pool: NIOThreadPool,
        isAlone: @escaping () -> Bool, queued: @escaping (Int) -> Void, finish: @escaping (Result<Void, any Error>) -> Void
    ) {
        self.context = context
        self.pool = pool
        self.isAlone = isAlone
        self.queued = queued
        self.finish = finish
        rest = source.slice(range)[...]
    }

    /// A run of one file inside one slice. Holds the file open.
    private struct Piece: Sendable {
        let file: any HeldFile
        let offset: Int64
        let count: Int
        /// Bytes of the same extent from `offset` on.
        let behind: Int64
    }
    /// The file that the last slice ended in: the next one goes on in it.
    private var current: (any HeldFile)?

    func next() {
        guard finish != nil else { return }
        guard let pieces = cut() else { return end(.failure(Failure.fileShort(wanted: offset, size: -1))) }
        // A descriptor's number says nothing about the file behind it once the last one is closed.
        if pieces.first?.file !== current { warmFile = -1 }
        current = pieces.last?.file
        guard !pieces.isEmpty else { return end(.success(())) }
        var isCold = false
        for piece in pieces {
            // sendfile past the end sends nothing and reports no error, again and again.
            let size = PageCache.size(piece.file.descriptor)
            guard size >= piece.offset + Int64(piece.count) else {
                return end(.failure(Failure.fileShort(wanted: piece.offset + Int64(piece.count), size: size)))
            }
            if !isCold { isCold = !isWarm(piece) }
        }
        guard isCold else { return send(pieces) }
        pool.runIfActive(eventLoop: context.eventLoop) {
            for piece in pieces {
                PageCache.load(
                    piece.file.descriptor, offset: piece.offset, count: piece.count, ahead: Int(min(piece.behind, Int64(Self.readAhead))))
            }
        }.assumeIsolated().whenComplete { result in
            switch result {
            case .success: self.send(pieces)
            case .failure(let error): self.end(.failure(error))
            }
        }
    }

    /// Whether a piece is in memory. What was seen a moment ago, a few slices before, still counts.
    private func isWarm(_ piece: Piece) -> Bool {
        let (file, end) = (piece.file.descriptor, piece.offset + Int64(piece.count))
        if file == warmFile, warm.lowerBound <= piece.offset, end <= warm.upperBound { return true }
        let far = Int(max(Int64(piece.count), min(piece.behind, Int64(Self.look))))
        if PageCache.holds(file, offset: piece.offset, count: far) {
            (warmFile, warm) = (file, piece.offset..<piece.offset + Int64(far))
            return true
        }
        return far > piece.count && PageCache.holds(file, offset: piece.offset, count: piece.count)
    }

    /// Takes up to a slice off the front of what is left; nil where a file is gone.
    private func cut() -> [Piece]? {
        var pieces: [Piece] = []
        var room = Self.slice
        while room > 0, let extent = rest.first {
            let count = min(Int64(room), extent.count - offset)
            if count > 0 {
                guard let file = extent.file.open() else { return nil }
                pieces.append(Piece(file: file, offset: extent.offset + offset, count: Int(count), behind: extent.count - offset))
            }
            room -= Int(count)
            offset += count
            if offset == extent.count {
                rest.removeFirst()
                offset = 0
            }
        }
        return pieces
    }

    private func send(_ pieces: [Piece]) {
        guard finish != nil else { return }
        let promise = context.eventLoop.makePromise(of: Void.self)
        var handles: [NIOFileHandle] = []
        for (index, piece) in pieces.enumerated() {
            let handle = NIOFileHandle(_deprecatedTakingOwnershipOfDescriptor: piece.file.descriptor)
            handles.append(handle)
            let region = FileRegion(fileHandle: handle, readerIndex: Int(piece.offset), endIndex: Int(piece.offset) + piece.count)
            // The last promise stands for all: writes complete in order and fail together.
            context.write(NIOAny(IOData.fileRegion(region)), promise: index == pieces.count - 1 ? promise : nil)
        }
        queued(pieces.reduce(0) { $0 + $1.count })
        context.flush()
        promise.futureResult.assumeIsolated().whenComplete { result in
            // The descriptors are the source's: each handle gives up its claim instead of closing.
            for handle in handles {
                do { _ = try handle.takeDescriptorOwnership() } catch { assertionFailure("a sent slice is still in use: \(error)") }
            }
            // Holds the files open at least until here.
            withExtendedLifetime(pieces) { self.sent(result) }
        }
    }

    private func sent(_ result: Result<Void, any Error>) {
        guard finish != nil else { return }
        if case .failure = result { return end(result) }
        guard !rest.isEmpty else { return end(.success(())) }
        context.eventLoop.assumeIsolated().scheduleTask(in: isAlone() ? Self.pauseAlone : Self.pause) { self.next() }
    }

    /// Nothing more is sent, and the files are let go; `finish` is told, unless it was before.
    func end(_ result: Result<Void, any Error>) {
        let finish = finish
        self.finish = nil
        rest = []
        current = nil
        finish?(result)
    }
}

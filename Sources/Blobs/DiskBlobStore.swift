package import Core
import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// Blobs as files under a data root.
///
/// Files are read and written on threads of its own, never on Swift's cooperative ones.
package final class DiskBlobStore: BlobStore {
    /// `pwrite(2)`: a file, bytes, an offset; the count written, or -1 with errno. Tests hand in
    /// a disk that fails.
    package typealias WriteCall = @Sendable (CInt, UnsafeRawBufferPointer, Int64) -> Int

    let root: DataRoot
    let threads: NIOThreadPool
    let probe: Probe
    let clock: (@Sendable () -> Instant)?
    let uploadLifetime: Int64
    let writeCall: WriteCall
    /// Held while a blob is named, renewed or condemned, so that the collector cannot take what a
    /// writer has just been told is there.
    let naming = Mutex<Void>(())
    let uploads = Mutex<[UploadID: UploadSession]>([:])

    var layout: StorageLayout { root.layout }

    /// - Parameters:
    ///   - threads: how many files are read or written at once.
    ///   - uploadLifetime: seconds after which an idle upload is forgotten; seven days.
    ///   - clock: stamps blobs when they are written; nil leaves that to the filesystem.
    package init(
        root: DataRoot, probe: Probe = Probe(), threads: Int = 8, uploadLifetime: Int64 = 7 * 86_400,
        clock: (@Sendable () -> Instant)? = nil,
        writeCall: @escaping WriteCall = { pwrite($0, $1.baseAddress, $1.count, off_t($2)) }
    ) {
        self.root = root
        self.probe = probe
        self.clock = clock
        self.uploadLifetime = uploadLifetime
        self.writeCall = writeCall
        self.threads = NIOThreadPool(numberOfThreads: threads)
        self.threads.start()
    }

    deinit {
        // Not awaited: the last job may itself be what let go of the store.
        threads.shutdownGracefully { _ in }
    }

    /// Runs blocking work on the store's threads: reading and writing files, and what is done to
    /// their bytes on the way.
    package func onDisk<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await threads.runIfActive(body)
    }

    /// The same, for work that must happen even though the task is cancelled.
    func onDiskAlways(_ body: @escaping @Sendable () -> Void) async {
        await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
            threads.submit { _ in
                body()
                done.resume()
            }
        }
    }
}

import CLinux
import Core
import Glibc
import NIOCore
import Synchronization

/// A file that is being received and has no name yet. It is gone with its owner unless it was
/// given one.
final class IncomingFile: Sendable {
    private static let counter = Atomic<UInt64>(0)

    let file: SharedFile
    private let path: String
    private let isNamed = Atomic<Bool>(false)
    private let writeCall: DiskBlobStore.WriteCall

    init(in layout: StorageLayout, _ writeCall: @escaping DiskBlobStore.WriteCall) throws(HubError) {
        let number = Self.counter.wrappingAdd(1, ordering: .relaxed).newValue
        path = layout.incoming("\(getpid())-\(number)")
        // Read-only for everyone from the start; this descriptor may write all the same.
        file = try Disk.open(path, O_RDWR | O_CREAT | O_EXCL, mode: 0o444)
        self.writeCall = writeCall
    }

    deinit { discard() }

    func write(_ bytes: ByteBuffer, at offset: Int64) throws(HubError) {
        try PositionedWrite.all(of: bytes, to: file, at: offset, writeCall)
    }

    /// One step gives it its name, replacing what has it.
    func rename(to name: String) throws(HubError) {
        try Disk.rename(path, name)
        isNamed.store(true, ordering: .relaxed)
    }

    /// Removes it unless it has a name. Harmless twice.
    func discard() {
        guard !isNamed.exchange(true, ordering: .relaxed) else { return }
        // Whatever stays behind here is removed when the folder is opened next.
        unlink(path)
    }
}

enum PositionedWrite {
    /// Writes everything, and starts carrying long blocks to the disk so that the final sync has
    /// little left to do.
    static func all(of bytes: ByteBuffer, to file: SharedFile, at offset: Int64, _ call: DiskBlobStore.WriteCall) throws(HubError) {
        var failed: Int32 = 0
        bytes.withUnsafeReadableBytes { bytes in
            var done = 0
            while done < bytes.count {
                let count = call(file.descriptor, UnsafeRawBufferPointer(rebasing: bytes[done...]), offset + Int64(done))
                if count > 0 { done += count; continue }
                let number = errno
                if count < 0, number == EINTR { continue }
                // A write that takes nothing and gives no reason will not take more the next time.
                failed = count == 0 ? ENOSPC : number
                return
            }
        }
        if failed != 0 { throw HubError.system("pwrite", failed) }
        if bytes.readableBytes >= 1 << 19 {
            // Advice only: where it is not understood, the sync that follows does all the work.
            _ = clinux_start_writeback(file.descriptor, offset, Int64(bytes.readableBytes))
        }
    }
}

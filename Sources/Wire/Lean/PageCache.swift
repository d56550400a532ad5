import Core
import Glibc

/// What the kernel holds in memory of a file. sendfile and pread wait for the disk where it
/// does not, and an event loop must not.
enum PageCache {
    /// How long the file is now; -1 where it cannot be told. Moves the descriptor's own position,
    /// which nobody here reads by.
    static func size(_ descriptor: Int32) -> Int64 { Int64(lseek(descriptor, 0, SEEK_END)) }

    /// Whether every page of the span is in memory. False where the kernel will not say.
    static func holds(_ descriptor: Int32, offset: Int64, count: Int) -> Bool {
        let page: Int64 = 4096
        let start = offset / page * page
        let length = count + Int(offset - start)
        guard length > 0 else { return true }
        // Mapping touches no page: only the page table is asked.
        guard let address = mmap(nil, length, PROT_READ, MAP_SHARED, descriptor, off_t(start)), address != MAP_FAILED else {
            return false
        }
        defer { munmap(address, length) }
        let pages = (length + Int(page) - 1) / Int(page)
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: pages) { flags in
            guard let base = flags.baseAddress, mincore(address, length, base) == 0 else { return false }
            return flags.allSatisfy { $0 & 1 == 1 }
        }
    }

    /// Brings a span into memory, and has more behind it read ahead. Blocks: for a thread pool.
    static func load(_ descriptor: Int32, offset: Int64, count: Int, ahead: Int) {
        // A refused hint costs speed, nothing else.
        _ = posix_fadvise(descriptor, off_t(offset), off_t(max(count, ahead)), Int32(POSIX_FADV_WILLNEED))
        withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 4096) { scratch in
            var done = 0
            while done < count {
                let got = pread(descriptor, scratch.baseAddress, min(scratch.count, count - done), off_t(offset) + off_t(done))
                // Errors and a short file come up again where the bytes are sent, and are dealt with there.
                guard got > 0 else { return }
                done += got
            }
        }
    }
}

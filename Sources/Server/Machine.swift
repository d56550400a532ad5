import CLinux
import Core
import Foundation

/// What the machine says of itself.
enum Machine {
    /// Milliseconds that only go forward.
    static func steady() -> Milliseconds {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    /// Bytes of memory; nil where the kernel does not say.
    static func memory() -> Int64? {
        let (pages, size) = (sysconf(Int32(_SC_PHYS_PAGES)), sysconf(Int32(_SC_PAGESIZE)))
        return pages > 0 && size > 0 ? Int64(pages) * Int64(size) : nil
    }
}

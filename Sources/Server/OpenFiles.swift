import Glibc
import Logging

/// How many files and connections the process may have open.
enum OpenFiles {
    /// Asks for as many as the system allows at all: the usual thousand is a limit of habit, and a
    /// busy hub has a socket and a file for each client.
    static func raiseLimit(_ logger: Logger) {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
        limit.rlim_cur = limit.rlim_max
        if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) != 0 {
            logger.warning("the limit of open files could not be raised", metadata: ["errno": "\(errno)"])
        }
    }
}

import CLinux
import Core
import Glibc

/// The walls around a model server: it may read and run everything, and change nothing but what is named here.
/// Landlock only knows what is allowed, so where a protected folder lies beneath an allowed one, the folders
/// beside the way to it are allowed instead.
struct Confinement: Sendable {
    /// Folders that no model server may change, as real paths, none within another.
    let protected: [String]
    /// Folders that every model server may change, where they exist.
    let writable: [String]

    /// Landlock without TRUNCATE (ABI 3, Linux 6.2) would leave a way to empty a file.
    static let isPossible = version >= 3
    static let version = clinux_landlock_abi()

    init(protect: [String], writable: [String]) {
        let real = Set(protect.map { Files.real($0) ?? $0 })
        protected = real.filter { path in !real.contains { path.hasPrefix($0 + "/") } }.sorted()
        self.writable = ["/tmp", "/var/tmp", "/run"] + writable
    }

    /// A ruleset for a server with this scratch folder; the caller closes it. -1: this kernel has no walls.
    func ruleset(scratch: String) throws(HubError) -> CInt {
        guard Self.isPossible else { return -1 }
        let ruleset = clinux_landlock_ruleset()
        guard ruleset >= 0 else { throw Files.failure("landlock_create_ruleset", scratch, errno) }
        for path in allowed(scratch: scratch) where clinux_landlock_allow(ruleset, path) != 0 {
            let number = errno
            // Things in /tmp and /dev come and go; what is not there, or is no place to write, needs no right.
            if path != scratch, number == ENOENT || number == EACCES || number == EBADFD || number == EINVAL || number == ENXIO { continue }
            close(ruleset)
            throw Files.failure("landlock_add_rule", path, number)
        }
        return ruleset
    }

    func allowed(scratch: String) -> [String] {
        var paths = [scratch]
        for path in writable {
            guard let real = Files.real(path) else { continue }
            around(real, &paths)
        }
        return paths + Self.devices()
    }

    private func around(_ path: String, _ paths: inout [String]) {
        let prefix = path == "/" ? "/" : path + "/"
        if protected.contains(where: { path == $0 || path.hasPrefix($0 == "/" ? "/" : $0 + "/") }) { return }
        guard protected.contains(where: { $0.hasPrefix(prefix) }) else { return paths.append(path) }
        for name in Files.names(in: path) {
            let inner = prefix + name
            // A link is allowed where it leads, not where it stands.
            if Files.kind(inner) != S_IFLNK { around(inner, &paths) }
        }
    }

    /// Character devices and the folders of graphics cards and shared memory; neither disks nor raw memory, by
    /// which root could write past every wall.
    private static func devices() -> [String] {
        let forbidden: Set<String> = ["mem", "kmem", "port", "kmsg", "vhost-net", "vhost-vsock", "loop-control", "kvm", "fuse", "cuse"]
        let folders: Set<String> = ["shm", "pts", "dri", "infiniband", "nvidia-caps", "accel"]
        return Files.names(in: "/dev").filter { name in
            switch Files.kind("/dev/\(name)") {
            case S_IFCHR: !forbidden.contains(name)
            case S_IFDIR: folders.contains(name)
            default: false
            }
        }.map { "/dev/\($0)" }
    }
}

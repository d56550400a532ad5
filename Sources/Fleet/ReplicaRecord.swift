import Core
import Foundation

/// What tells of a process after we have ended: written, and on disk, before the process becomes the program.
struct ReplicaRecord: Codable, Hashable, Sendable {
    /// The model, the arguments and the environment are part of a backend's name.
    var backend: BackendID
    var slot: Int
    var port: Int
    var process: ProcessStamp

    /// nil where there is none, or none that can be read: then nothing is known to run there.
    static func read(_ path: String) -> ReplicaRecord? {
        guard let bytes = Files.read(path) else { return nil }
        return try? JSONDecoder().decode(ReplicaRecord.self, from: Data(bytes))
    }

    func write(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        try Files.writeSafely(Array(encoder.encode(self)), to: path)
    }
}

/// One process and no other: its number may be given again, but not with the same start in the same boot.
struct ProcessStamp: Codable, Hashable, Sendable {
    var pid: Int32
    /// Clock ticks from the boot to its start: field 22 of /proc/PID/stat (proc(5)).
    var startTime: UInt64
    var boot: String

    /// nil where there is no such process.
    static func of(_ pid: Int32) -> ProcessStamp? {
        guard let bytes = Files.read("/proc/\(pid)/stat"), let boot = bootID else { return nil }
        // The second field is the program's name in parentheses, and may hold anything.
        guard let end = bytes.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = bytes[(end + 1)...].split(separator: UInt8(ascii: " "))
        guard fields.count > 19, let start = UInt64(String(decoding: fields[19], as: UTF8.self)) else { return nil }
        // A zombie runs no longer.
        if fields[0].first == UInt8(ascii: "Z") || fields[0].first == UInt8(ascii: "X") { return nil }
        return ProcessStamp(pid: pid, startTime: start, boot: boot)
    }

    var isAlive: Bool { Self.of(pid) == self }

    private static let bootID = Files.read("/proc/sys/kernel/random/boot_id").map {
        String(decoding: $0, as: UTF8.self).split(whereSeparator: \.isWhitespace).joined()
    }
}

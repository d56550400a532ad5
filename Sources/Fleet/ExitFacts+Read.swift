import Core
import Glibc

extension ExitFacts {
    /// Reads what can be known from the wait status, the log and the kernel's count of processes that it ended for
    /// want of memory.
    init(status: Int32?, log: String, oomKillsBefore: UInt64?) {
        let lines = BoundedLog.tail(log, bytes: 4096).split(separator: "\n").suffix(6).map { FilePath.printable($0) }
        let lower = lines.joined(separator: "\n").lowercased()
        var what = "the process ended; how is not known, since an earlier run of the server had started it"
        var wasKilled = false
        if let status {
            let signal = status & 0x7F
            let code = (status >> 8) & 0xFF
            if signal != 0 {
                what = "the process was ended by signal \(signal) (\(String(cString: strsignal(signal))))"
                wasKilled = signal == SIGKILL
            } else {
                what = "the process ended with status \(code)"
                // A shell passes on that its child was killed.
                wasKilled = code == 128 + SIGKILL
            }
        }
        if let before = oomKillsBefore, let after = Self.oomKills(), after > before, wasKilled { isOutOfMemory = true }
        isOutOfMemory = isOutOfMemory || Self.memoryWords.contains { lower.contains($0) }
        isPortTaken = Self.portWords.contains { lower.contains($0) }
        if isOutOfMemory { what += ", out of memory" }
        text = lines.isEmpty ? "\(what); it printed nothing" : "\(what); its last lines: \(lines.joined(separator: " | "))"
    }

    /// What allocators of processes and of graphics cards say.
    private static let memoryWords = ["out of memory", "outofmemory", "memoryerror", "bad_alloc", "cannot allocate memory"]
    private static let portWords = ["address already in use", "eaddrinuse", "port is already", "errno 98"]

    /// Processes that this machine has ended for want of memory since its start; nil where it does not count.
    static func oomKills() -> UInt64? {
        guard let bytes = Files.read("/proc/vmstat") else { return nil }
        for line in bytes.split(separator: 0x0A) where line.starts(with: "oom_kill ".utf8) {
            return UInt64(String(decoding: line.dropFirst("oom_kill ".utf8.count), as: UTF8.self))
        }
        return nil
    }
}

import CLinux
import Core
import Foundation
import Glibc
import Release
import Synchronization

/// Keeps an eye on one replica, on a thread of its own: whether its process lives (a pidfd, so that this works for
/// adopted processes too) and whether it answers. A replica that hangs delays nobody else's watch.
final class ReplicaWatch: Sendable {
    struct Subject: Sendable {
        /// nil: a server that is not ours.
        var process: ProcessStamp?
        var address: ReplicaAddress
        var readinessPath: String
        /// It answered when it was found.
        var isReady = false
    }
    enum News: Sendable {
        case answers
        case silent(String)
        /// The wait status where the process was a child of ours.
        case exited(status: Int32?, wasEnded: Bool)
    }

    private enum Order { case watch, end, leave }

    private let subject: Subject
    private let settings: FleetSettings
    private let tell: @Sendable (News) -> Void
    private let order = Mutex(Order.watch)
    /// Written to wake the thread: an order has come.
    private let bell: (read: CInt, write: CInt)

    init(_ subject: Subject, settings: FleetSettings, tell: @escaping @Sendable (News) -> Void) throws {
        self.subject = subject
        self.settings = settings
        self.tell = tell
        var ends: [CInt] = [-1, -1]
        try Files.attempt("pipe", "a watch") { pipe(&ends) }
        for end in ends { try Files.attempt("fcntl", "a watch") { fcntl(end, F_SETFD, FD_CLOEXEC) } }
        bell = (ends[0], ends[1])
        let thread = Thread { [self] in run() }
        thread.stackSize = 512 << 10
        thread.name = "replica-watch"
        thread.start()
    }

    deinit {
        close(bell.read)
        close(bell.write)
    }

    /// Ends the process: SIGTERM to its group, SIGKILL after the grace. `exited` follows.
    func end() { give(.end) }
    /// Stops watching and leaves the process alone; nothing more is told.
    func leave() { give(.leave) }

    private func give(_ new: Order) {
        order.withLock { if $0 != .leave { $0 = new } }
        var byte: UInt8 = 1
        // A full pipe has woken it already.
        _ = write(bell.write, &byte, 1)
    }

    private func run() {
        guard let process = subject.process else { return runWithoutProcess() }
        let descriptor = clinux_pidfd_open(process.pid)
        defer { if descriptor >= 0 { close(descriptor) } }
        // It may have ended, and its number been given again, before we looked.
        guard descriptor >= 0, process.isAlive else { return finish(process, wasSeen: false, wasEnded: false) }
        var sight = Sight(subject, settings)
        while true {
            if wait(for: descriptor, until: sight.next) { return finish(process, wasEnded: false) }
            switch order.withLock({ $0 }) {
            case .leave: return
            case .end: return end(process, descriptor)
            case .watch: if let news = sight.look() { told(news) }
            }
        }
    }

    private func runWithoutProcess() {
        var sight = Sight(subject, settings)
        while true {
            _ = wait(for: -1, until: sight.next)
            switch order.withLock({ $0 }) {
            case .leave: return
            case .end: return told(.exited(status: nil, wasEnded: true))
            case .watch: if let news = sight.look() { told(news) }
            }
        }
    }

    private func told(_ news: News) {
        if order.withLock({ $0 }) != .leave { tell(news) }
    }

    /// Whether the process has ended. Returns early when an order comes.
    private func wait(for descriptor: CInt, until time: Milliseconds) -> Bool {
        if order.withLock({ $0 }) != .watch { return isGone(descriptor, within: 0) }
        var waits = [pollfd(fd: bell.read, events: Int16(POLLIN), revents: 0), pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
        poll(&waits, descriptor < 0 ? 1 : 2, Int32(clamping: max(0, time - SteadyClock.now())))
        return descriptor >= 0 && waits[1].revents != 0
    }

    private func isGone(_ descriptor: CInt, within time: Milliseconds) -> Bool {
        guard descriptor >= 0 else { return false }
        let until = SteadyClock.now() + time
        while true {
            var one = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let result = poll(&one, 1, Int32(clamping: max(0, until - SteadyClock.now())))
            if result > 0 { return true }
            if SteadyClock.now() >= until { return false }
        }
    }

    private func end(_ process: ProcessStamp, _ descriptor: CInt) {
        kill(-process.pid, SIGTERM)
        if !isGone(descriptor, within: settings.stopGrace) {
            kill(-process.pid, SIGKILL)
            _ = isGone(descriptor, within: 60_000)
        }
        finish(process, wasEnded: true)
    }

    /// Ends what is left of its group, before its number can be given again, and takes its status.
    private func finish(_ process: ProcessStamp, wasSeen: Bool = true, wasEnded: Bool) {
        var facts = siginfo_t()
        // A process that an earlier run of ours started is not our child, and has no status for us.
        let isChild = waitid(P_PID, id_t(process.pid), &facts, WEXITED | WNOHANG | WNOWAIT) == 0
        // The number of a process that we never saw alive may be somebody else's by now.
        if isChild || wasSeen { kill(-process.pid, SIGKILL) }
        var status: Int32 = 0
        var result = waitpid(process.pid, &status, WNOHANG)
        while result < 0, errno == EINTR { result = waitpid(process.pid, &status, WNOHANG) }
        told(.exited(status: result == process.pid ? status : nil, wasEnded: wasEnded))
    }
}

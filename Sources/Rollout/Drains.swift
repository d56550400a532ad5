import Core
import Hub
import Release

/// A drain that was asked for and is not over.
struct DrainWatch {
    var item: OutboxItem
    var backend: BackendID
    /// When it counts as over even if nobody says so.
    var until: Milliseconds
    /// Nobody reports its end: the gateway is asked whether something is in flight.
    var isOurs: Bool
    /// It ended; its item may be settled once the release knows.
    var isOver = false
}

extension Conductor {
    /// A driver that promised to report a drain's end and does not is waited for so much longer.
    static let driverGrace: Milliseconds = 60_000

    /// False: the end is still to come.
    func wait(for item: OutboxItem, _ backend: BackendID, _ time: Milliseconds, isOurs: Bool) -> Bool {
        drains[item.id] = DrainWatch(item: item, backend: backend, until: parts.clocks.steady() + time, isOurs: isOurs)
        return false
    }

    func watchDrains(at now: Milliseconds) {
        for watch in drains.values where !watch.isOver && (now >= watch.until || (watch.isOurs && parts.inFlight(watch.backend) == 0)) {
            drained(watch.backend, atDeadline: now >= watch.until, isOurs: watch.isOurs)
        }
    }

    /// The end of a drain, as far as somebody waits for it.
    func drained(_ backend: BackendID, atDeadline: Bool, isOurs: Bool) {
        for (id, watch) in drains where watch.backend == backend && watch.isOurs == isOurs && !watch.isOver {
            drains[id]?.isOver = true
            if case .drain = watch.item.work, let release = watch.item.release {
                charges[release]?.waiting.append(atDeadline ? .drainDeadline : .drainDone)
            }
        }
    }
}

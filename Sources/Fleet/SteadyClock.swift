import Core
import Glibc

/// The machine's clocks: one that never jumps, and one for labels.
enum SteadyClock {
    static let now: @Sendable () -> Milliseconds = { read(CLOCK_MONOTONIC) }
    static let wall: @Sendable () -> Instant = { Instant(milliseconds: read(CLOCK_REALTIME)) }

    private static func read(_ clock: clockid_t) -> Milliseconds {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}

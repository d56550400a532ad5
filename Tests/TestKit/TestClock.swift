package import Core
import Synchronization

/// A clock that stands still until a test turns it.
package final class TestClock: Sendable {
    private let time: Mutex<Instant>

    /// Begins on 28 May 2026 in the evening.
    package init(_ start: Instant = Instant(milliseconds: 1_780_000_000_000)) { time = Mutex(start) }

    package var now: Instant { time.withLock { $0 } }

    package func turn(seconds: Int64) { time.withLock { $0 = $0.adding(seconds: seconds) } }
    package func turn(milliseconds count: Int64) { time.withLock { $0 = Instant(milliseconds: $0.milliseconds + count) } }
    package func turn(days: Int64) { turn(seconds: days * 86_400) }
}

package import Core

/// The two clocks of a controller: one that only goes forward, for durations, and the one on the
/// wall, for windows and labels.
package struct Clocks: Sendable {
    package let steady: @Sendable () -> Milliseconds
    package let wall: @Sendable () -> Instant
    package init(steady: @escaping @Sendable () -> Milliseconds, wall: @escaping @Sendable () -> Instant) {
        self.steady = steady
        self.wall = wall
    }
}

/// What passed between two ticks. A wall clock that was set, and a machine that slept (its steady
/// clock stands still meanwhile), both show as a jump; a process that was stopped shows as a gap.
struct ClockWatch {
    struct Passage: Equatable {
        var elapsed: Milliseconds
        /// How far the wall clock moved beyond that, where it is more than drift.
        var jump: Milliseconds?
        /// Nobody watched for so long that what was known before is not news any more.
        var isGap: Bool
    }

    /// More than this is no drift between two ticks.
    static let leastJump: Milliseconds = 2_000
    static let leastGap: Milliseconds = 10_000

    private var steady: Milliseconds
    private var wall: Instant

    init(_ clocks: Clocks) {
        steady = clocks.steady()
        wall = clocks.wall()
    }

    mutating func look(_ clocks: Clocks) -> Passage {
        let (newSteady, newWall) = (clocks.steady(), clocks.wall())
        let elapsed = max(0, newSteady - steady)
        let difference = newWall.milliseconds - wall.milliseconds - elapsed
        (steady, wall) = (newSteady, newWall)
        let jump = abs(difference) >= Self.leastJump ? difference : nil
        return Passage(elapsed: elapsed, jump: jump, isGap: elapsed >= Self.leastGap || jump != nil)
    }
}

import Core
import Release
import Rollout
import Testing

@Suite("windows of the week")
struct WindowTests {
    /// Monday, 1 June 2026, 00:00 UTC.
    static let monday: Int64 = 1_780_272_000_000
    static func at(_ day: Int, _ hour: Int, _ minute: Int = 0) -> Instant {
        Instant(milliseconds: monday + Int64(((day - 1) * 24 + hour) * 60 + minute) * 60_000)
    }
    static let office = Strategy.Window(days: [1, 2, 3, 4], from: 9 * 60, until: 16 * 60)
    static let night = Strategy.Window(days: [7], from: 22 * 60, until: 4 * 60)

    @Test("the week begins where the calendar says")
    func calendar() { #expect(Self.at(1, 0).description == "2026-06-01T00:00:00.000Z") }

    @Test(
        "a window is open from its first minute to before its last, on its days",
        arguments: [
            (1, 9, 0, true), (1, 8, 59, false), (1, 15, 59, true), (1, 16, 0, false), (4, 12, 0, true), (5, 12, 0, false), (7, 12, 0, false)
        ])
    func office(day: Int, hour: Int, minute: Int, isOpen: Bool) { #expect(Self.office.isOpen(at: Self.at(day, hour, minute)) == isOpen) }

    @Test(
        "a window over midnight belongs to the day on which it begins",
        arguments: [(7, 21, 59, false), (7, 22, 0, true), (7, 23, 59, true), (8, 0, 0, true), (8, 3, 59, true), (8, 4, 0, false), (7, 3, 0, false)])
    func night(day: Int, hour: Int, minute: Int, isOpen: Bool) { #expect(Self.night.isOpen(at: Self.at(day, hour, minute)) == isOpen) }

    @Test("one open window is enough, and none at all is always open")
    func several() {
        #expect(Strategy(windows: []).isWindowOpen(at: Self.at(6, 3)))
        let strategy = Strategy(windows: [Self.office, Self.night])
        #expect(strategy.isWindowOpen(at: Self.at(2, 10)) && strategy.isWindowOpen(at: Self.at(7, 23)) && !strategy.isWindowOpen(at: Self.at(6, 12)))
    }

    @Test("days before 1970 are counted too")
    func before() {
        // 31 December 1969 was a Wednesday.
        #expect(Strategy.Window(days: [3], from: 0, until: 1440).isOpen(at: Instant(milliseconds: -1)))
    }
}

import Core
import Testing

@testable import Gateway

private let second: Nanoseconds = 1_000_000_000

@Suite("Limits")
struct LimitsTests {
    @Test("a minute's worth at once, then as many as flow in, and the wait is told")
    func bucket() {
        var bucket = TokenBucket(perMinute: 6, at: 0)
        for _ in 0..<6 { #expect(bucket.take(at: 0) == nil) }
        #expect(bucket.take(at: 0) == 10)
        #expect(bucket.take(at: 4 * second) == 6)
        #expect(bucket.take(at: 10 * second) == nil)
        #expect(bucket.take(at: 10 * second) == 10)
        var none = TokenBucket(perMinute: 0, at: 0)
        #expect(none.take(at: 0) == nil)
        #expect(none.take(at: 100 * second) == 3600)
    }

    @Test("tokens are counted by the day of UTC")
    func day() {
        let noon = Instant(milliseconds: 43_200_000)
        var count = DayCount(used: 90, at: noon)
        #expect(count.check(limit: 100, at: noon) == nil)
        count.add(10, at: noon)
        #expect(count.check(limit: 100, at: noon) == 43_200)
        #expect(count.check(limit: 100, at: noon.adding(seconds: 43_200)) == nil)
        // A wall clock that goes back gives nothing anew.
        count.add(100, at: noon.adding(seconds: 43_200))
        #expect(count.check(limit: 100, at: noon) != nil)
    }

    @Test("retries: three a second, or a fifth of what is under way")
    func budget() {
        var budget = RetryBudget()
        for _ in 0..<3 { #expect(budget.take(inFlight: 1, at: 0) == true) }
        #expect(budget.take(inFlight: 1, at: 0) == false)
        #expect(budget.take(inFlight: 100, at: 0) == true)
        for _ in 0..<4 { budget.finish() }
        let granted = (0..<50).count { _ in budget.take(inFlight: 100, at: 0) }
        #expect(granted == 20)
        #expect(budget.take(inFlight: 1, at: second) == true)
    }

    @Test("a replica is left out after five failures in a row, longer each time, never more than half")
    func ejection() {
        var record = Ejection()
        for _ in 0..<4 { #expect(record.failed(at: 0, mayEject: true) == false) }
        record.succeeded(at: 0)
        for _ in 0..<4 { #expect(record.failed(at: 0, mayEject: true) == false) }
        let fifth = record.failed(at: 0, mayEject: true)
        #expect(fifth && record.isOut(at: 29 * second) && !record.isOut(at: 30 * second))
        for _ in 0..<5 { _ = record.failed(at: 31 * second, mayEject: true) }
        #expect(record.isOut(at: 90 * second) && !record.isOut(at: 91 * second))
        var last = Ejection()
        for _ in 0..<20 { #expect(last.failed(at: 0, mayEject: false) == false) }
    }

    @Test("the queue serves in order, skips whom it cannot serve, and is never longer than its limit")
    func queue() {
        var queue = WaitQueue<String>()
        for (ticket, name) in ["a", "b", "c"].enumerated() { #expect(queue.add(name, ticket: UInt64(ticket), limit: 3) == true) }
        #expect(queue.add("d", ticket: 3, limit: 3) == false)
        #expect(queue.remove(ticket: 1) == true)
        #expect(queue.remove(ticket: 1) == false)
        #expect(queue.add("d", ticket: 3, limit: 3) == true)
        var served: [String] = []
        queue.serve { _, name in
            guard name != "a" else { return false }
            served.append(name)
            return true
        }
        #expect(served == ["c", "d"] && queue.count == 1)
        queue.serve { _, name in
            served.append(name)
            return true
        }
        #expect(served == ["c", "d", "a"] && queue.count == 0)
    }

    @Test("a full row keeps its order over many turns")
    func longQueue() {
        var queue = WaitQueue<Int>()
        var next = 0
        var expected = 0
        for turn in 0..<2000 {
            if queue.add(turn, ticket: UInt64(turn), limit: 50) { next = turn }
            if turn % 2 == 1 {
                var isFirst = true
                queue.serve { _, _ in
                    defer { isFirst = false }
                    return isFirst
                }
                expected += 1
            }
        }
        #expect(next > 0 && expected == 1000 && queue.count == 49)
    }
}

@Suite("Equal load")
struct LoadWindowTests {
    private func sample(weights: (Int, Int) = (5000, 5000), replicas: (Int, Int) = (1, 1)) -> LoadWindow.Sample {
        LoadWindow.Sample(
            candidateReplicas: replicas.0, candidateWeight: weights.0, partnerReplicas: replicas.1, partnerWeight: weights.1)
    }
    private func verdict(_ sample: LoadWindow.Sample) -> Bool {
        var window = LoadWindow()
        for turn in 0...51 { window.add(sample, at: Nanoseconds(turn) * second / 10) }
        return window.isEqual
    }

    @Test("the same ready replicas for each unit of weight, whatever is in flight")
    func verdicts() {
        #expect(verdict(sample()))
        #expect(!verdict(sample(weights: (1000, 9000))))
        #expect(verdict(sample(weights: (1000, 9000), replicas: (1, 9))))
        #expect(!verdict(sample(replicas: (1, 2))))
        #expect(!verdict(sample(replicas: (0, 1))))
    }

    @Test("nothing is said before a window is over, and a change of weight ends it at once")
    func windows() {
        var window = LoadWindow()
        for turn in 0..<49 { window.add(sample(), at: Nanoseconds(turn) * second / 10) }
        #expect(!window.isEqual)
        for turn in 49..<60 { window.add(sample(), at: Nanoseconds(turn) * second / 10) }
        #expect(window.isEqual)
        window.add(sample(weights: (1000, 9000)), at: 6 * second)
        #expect(!window.isEqual)
    }
}

import Core

/// First come, first served, and never more than the limit.
struct WaitQueue<Waiter> {
    private var items: [(ticket: UInt64, waiter: Waiter)?] = []
    private var first = 0
    private(set) var count = 0

    mutating func add(_ waiter: Waiter, ticket: UInt64, limit: Int) -> Bool {
        guard count < limit else { return false }
        items.append((ticket, waiter))
        count += 1
        return true
    }

    mutating func remove(ticket: UInt64) -> Bool {
        guard let index = items[first...].firstIndex(where: { $0?.ticket == ticket }) else { return false }
        items[index] = nil
        count -= 1
        trim()
        return true
    }

    /// Offers everybody in order; who is served leaves.
    mutating func serve(_ serve: (UInt64, Waiter) -> Bool) {
        for index in items.indices[first...] {
            guard let (ticket, waiter) = items[index], serve(ticket, waiter) else { continue }
            items[index] = nil
            count -= 1
        }
        trim()
    }

    private mutating func trim() {
        while first < items.count, items[first] == nil { first += 1 }
        if first == items.count || first > 64 {
            items.removeFirst(first)
            first = 0
        }
    }
}

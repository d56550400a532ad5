import Core

/// Which sessions were counted, so that the many requests of one user do not pose as independent
/// evidence. Bounded: beyond `most` keys, new ones are not counted at all.
struct SessionBook: Sendable {
    static let most = 1_000_000

    /// In parts, so that a change after a copy copies one of them and not a million keys.
    private var parts = [[UInt64: Entry]](repeating: [:], count: 256)
    private(set) var count = 0
    /// The candidate's sessions whose first window is open, in the order in which they end.
    private var windows: [Window] = []
    private var firstWindow = 0
    private var changed: Set<UInt64> = []

    struct Entry: Sendable {
        var harmed: UInt32 = 0
        /// Position among all windows ever opened; -1: none yet, -2: closed.
        var window = -1
        /// The short epoch in which it was counted last.
        var epoch: Int64 = -1
        /// The long epoch in which a guard counted it as bad.
        var badEpoch: Int64 = -1
    }
    struct Window: Sendable {
        let key: UInt64
        let end: Milliseconds
        var known: [UInt32]
        var bad: [UInt32]
    }
    private var opened = 0

    /// Nil: it is new and there is no room for it.
    mutating func take(_ key: UInt64) -> (isNew: Bool, entry: Entry)? {
        if let entry = self[key] { return (false, entry) }
        guard count < Self.most else { return nil }
        self[key] = Entry()
        changed.insert(key)
        return (true, Entry())
    }

    mutating func put(_ entry: Entry, for key: UInt64, isNews: Bool) {
        self[key] = entry
        if isNews { changed.insert(key) }
    }

    /// Counts a request of the candidate in the session's first window.
    mutating func count(_ key: UInt64, _ entry: inout Entry, known: UInt32, bad: UInt32, metrics: Int, at time: Milliseconds) {
        if entry.window == -1 {
            entry.window = opened
            opened += 1
            let none = [UInt32](repeating: 0, count: metrics)
            windows.append(Window(key: key, end: time + Epoch.window, known: none, bad: none))
        }
        let place = entry.window - (opened - windows.count)
        guard windows.indices.contains(place), place >= firstWindow else { return }
        for j in 0..<metrics where known >> UInt32(j) & 1 == 1 {
            windows[place].known[j] += 1
            if bad >> UInt32(j) & 1 == 1 { windows[place].bad[j] += 1 }
        }
    }

    /// The windows that have ended.
    mutating func close(at now: Milliseconds, _ each: (Window) -> Void) {
        while firstWindow < windows.count, windows[firstWindow].end <= now {
            let window = windows[firstWindow]
            firstWindow += 1
            self[window.key]?.window = -2
            changed.insert(window.key)
            each(window)
        }
        if firstWindow > 4096, firstWindow * 2 > windows.count {
            windows.removeFirst(firstWindow)
            firstWindow = 0
        }
    }

    mutating func takeMarks() -> [SessionMark] {
        guard !changed.isEmpty else { return [] }
        let marks = changed.sorted().compactMap { key in
            self[key].map { SessionMark(key: key, harmed: $0.harmed, isClosed: $0.window != -1) }
        }
        changed = []
        return marks
    }

    mutating func restore(_ marks: [SessionMark]) {
        for mark in marks.prefix(Self.most) {
            self[mark.key] = Entry(harmed: mark.harmed, window: mark.isClosed ? -2 : -1)
        }
    }

    private subscript(_ key: UInt64) -> Entry? {
        get { parts[Int(key >> 56)][key] }
        set {
            let part = Int(key >> 56)
            let before = parts[part].count
            parts[part][key] = newValue
            count += parts[part].count - before
        }
    }
}

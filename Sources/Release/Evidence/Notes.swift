/// One walk over a value's parts that either writes them as text or reads them back, so that the
/// two cannot differ. Doubles are written in the shortest form that reads back to the same bits.
struct Notes {
    private(set) var text = ""
    private let words: [Substring]
    private var at = 0
    private let isReading: Bool
    /// A word that was not what it should be, or none.
    private(set) var isBroken = false

    init() {
        isReading = false
        words = []
    }
    init(reading text: String) {
        isReading = true
        words = text.split(whereSeparator: { $0 == " " || $0 == "\n" })
    }

    /// Everything was read, and nothing was left over.
    var isWhole: Bool { !isBroken && at == words.count }

    /// Begins a line; the same word must be there when it is read.
    mutating func label(_ word: String) {
        if isReading {
            if next() != word[...] { isBroken = true }
        } else {
            text += (text.isEmpty ? "" : "\n") + word
        }
    }

    mutating func number(_ value: inout Double) { pass(&value) { Double($0).flatMap { $0.isFinite ? $0 : nil } } }
    mutating func count(_ value: inout Int) { pass(&value) { Int($0) } }
    mutating func count(_ value: inout Int64) { pass(&value) { Int64($0) } }
    mutating func flag(_ value: inout Bool) {
        var digit = value ? 1 : 0
        count(&digit)
        value = digit != 0
    }

    mutating func list<Item>(_ items: inout [Item], of empty: Item, _ each: (inout Item, inout Notes) -> Void) {
        var size = items.count
        count(&size)
        if isReading {
            // No list is longer than the text that it is read from.
            guard (0...words.count).contains(size) else { return isBroken = true }
            items = Array(repeating: empty, count: size)
        }
        for i in items.indices where !isBroken { each(&items[i], &self) }
    }
    mutating func numbers(_ values: inout [Double]) { list(&values, of: 0) { $1.number(&$0) } }

    mutating func maybe<Item>(_ item: inout Item?, of empty: Item, _ each: (inout Item, inout Notes) -> Void) {
        var items = item.map { [$0] } ?? []
        list(&items, of: empty, each)
        item = items.first
    }

    private mutating func pass<Value>(_ value: inout Value, _ read: (Substring) -> Value?) {
        if isReading {
            guard let word = next(), let found = read(word) else { return isBroken = true }
            value = found
        } else {
            text += " \(value)"
        }
    }
    private mutating func next() -> Substring? {
        guard at < words.count else { return nil }
        at += 1
        return words[at - 1]
    }
}

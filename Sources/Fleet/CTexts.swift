/// Texts as C wants them, for as long as this lives.
final class CTexts {
    private var texts: [UnsafeMutablePointer<CChar>] = []
    private var lists: [UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>] = []
    private var constantLists: [UnsafeMutablePointer<UnsafePointer<CChar>?>] = []

    deinit {
        for text in texts { text.deallocate() }
        for list in lists { list.deallocate() }
        for list in constantLists { list.deallocate() }
    }

    func one(_ text: String) -> UnsafeMutablePointer<CChar> {
        let units = text.utf8CString
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: units.count)
        for (i, unit) in units.enumerated() { copy[i] = unit }
        texts.append(copy)
        return copy
    }

    func list(_ items: [String]) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> {
        let list = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: items.count + 1)
        list.initialize(repeating: nil, count: items.count + 1)
        for (i, item) in items.enumerated() { list[i] = one(item) }
        lists.append(list)
        return list
    }

    func constants(_ items: [String]) -> UnsafeMutablePointer<UnsafePointer<CChar>?> {
        let list = UnsafeMutablePointer<UnsafePointer<CChar>?>.allocate(capacity: items.count + 1)
        list.initialize(repeating: nil, count: items.count + 1)
        for (i, item) in items.enumerated() { list[i] = UnsafePointer(one(item)) }
        constantLists.append(list)
        return list
    }
}

/// What is remembered of one session so that it counts at most once: stored apart from the rest,
/// as it changes, by key.
package struct SessionMark: Hashable, Sendable, Codable {
    package var key: UInt64
    /// Bit j: its first bad event of objective j was counted.
    package var harmed: UInt32
    /// Its first window was counted, or was given up in a restart.
    package var isClosed: Bool
    package init(key: UInt64, harmed: UInt32, isClosed: Bool) {
        self.key = key
        self.harmed = harmed
        self.isClosed = isClosed
    }
}

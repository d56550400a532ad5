import NIOCore

/// A body that says when it is first read, and waits in the middle until somebody opens the gate.
struct Held: AsyncSequence, Sendable {
    let begun: AsyncStream<Void>.Continuation
    let first: [ByteBuffer]
    let gate: AsyncStream<Void>
    let then: [ByteBuffer]

    struct AsyncIterator: AsyncIteratorProtocol {
        let begun: AsyncStream<Void>.Continuation
        var first: ArraySlice<ByteBuffer>
        var gate: AsyncStream<Void>?
        var then: ArraySlice<ByteBuffer>
        mutating func next() async throws -> ByteBuffer? {
            begun.finish()
            if let chunk = first.popFirst() { return chunk }
            if let gate {
                for await _ in gate {}
                self.gate = nil
            }
            return then.popFirst()
        }
    }
    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(begun: begun, first: first[...], gate: gate, then: then[...]) }
}

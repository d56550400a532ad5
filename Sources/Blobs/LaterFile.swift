import Core
import Synchronization

/// A source of a recipe: opened when a reader comes to it, shared while several read it, closed
/// when they have passed. One that was condemned meanwhile is found in the trash.
final class LaterFile: ByteFile {
    private struct State {
        weak var file: SharedFile?
    }
    private let state = Mutex(State())
    private let places: [String]

    init(_ digest: Digest, in layout: StorageLayout) { places = [layout.blob(digest), layout.trashed(digest, .whole)] }

    func open() -> (any HeldFile)? {
        state.withLock { state in
            if let file = state.file { return file }
            for place in places {
                if let file = try? Disk.openIfPresent(place) {
                    state.file = file
                    return file
                }
            }
            return nil
        }
    }
}

import Core
import Glibc

/// Reads the pieces of a request body one behind the other, opening each file when its turn
/// comes. Confined to the thread of its transfer.
final class BodyReader {
    private let pieces: [BodyPiece]
    private var index = 0
    private var offset: Int64 = 0
    private var file: OpenFile?

    init(_ pieces: [BodyPiece]) { self.pieces = pieces }

    /// Fills as much of the buffer as the body still has; 0 at its end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(HubError) -> Int {
        var filled = 0
        while filled < buffer.count, index < pieces.count {
            let piece = pieces[index]
            let left = piece.count - offset
            guard left > 0 else {
                try finishPiece()
                continue
            }
            let window = UnsafeMutableRawBufferPointer(rebasing: buffer[filled..<filled + Int(min(left, Int64(buffer.count - filled)))])
            let count: Int
            switch piece {
            case .bytes(let bytes):
                bytes.withUnsafeBytes { window.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[Int(offset)..<Int(offset) + window.count])) }
                count = window.count
            case .file(let stamp, let range):
                if file == nil { file = try stamp.open() }
                guard let file else { return filled }
                count = try file.read(into: window, at: range.lower + offset)
                guard count > 0 else {
                    throw HubError(.sizeMismatch, "'\(FilePath.printable(stamp.location))' became shorter while it was being sent")
                }
            }
            filled += count
            offset += Int64(count)
        }
        // The last piece is checked before the server can have all of it.
        if index < pieces.count, offset == pieces[index].count { try finishPiece() }
        return filled
    }

    /// Goes back to a place in the body, for a connection that was dead when it was used again.
    func seek(to position: Int64) {
        index = 0
        offset = position
        file = nil
        while index < pieces.count, offset >= pieces[index].count {
            offset -= pieces[index].count
            index += 1
        }
    }

    private func finishPiece() throws(HubError) {
        if case .file(let stamp, _) = pieces[index], let file { try stamp.check(file) }
        index += 1
        offset = 0
        file = nil
    }
}

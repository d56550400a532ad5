import CLinux
package import Core
import Glibc

/// A folder of blobs named by digest that several pulled folders share.
package struct ContentCache: Sendable {
    private let top: Destination

    package init(_ location: String) throws(HubError) { top = try Destination(location) }

    private func shelf(_ digest: Digest) throws(HubError) -> OpenFile {
        try top.folder(["sha256", digest.hex.prefix(2)], making: true)
    }

    /// The blob if it is here and undamaged; a damaged one is thrown away. Blocks while it hashes.
    func open(_ digest: Digest, size: Int64) throws(HubError) -> OpenFile? {
        let shelf = try shelf(digest)
        guard let file = try shelf.openFile(digest.hex) else { return nil }
        if Int64(try file.facts().st_size) == size, try HashFiles.digest(of: file) == digest { return file }
        try shelf.remove(digest.hex)
        return nil
    }

    /// The blob as it lies here, for a caller that has just had it verified.
    func reopen(_ digest: Digest) throws(HubError) -> OpenFile? { try shelf(digest).openFile(digest.hex) }

    /// Takes a verified file out of `folder` into the cache, read-only, because its copies may be links.
    func adopt(_ digest: Digest, from folder: OpenFile) throws(HubError) {
        let shelf = try shelf(digest)
        if renameat(folder.descriptor, digest.hex, shelf.descriptor, digest.hex) != 0 {
            guard errno == EXDEV, let source = try folder.openFile(digest.hex) else {
                throw SystemFailure.last("cannot put a file into the cache at", shelf.location)
            }
            let name = "\(digest.hex).\(getpid())"
            try shelf.createFile(name, flags: O_RDWR | O_CREAT | O_TRUNC).copy(from: source)
            try shelf.rename(name, to: shelf, digest.hex)
            try folder.remove(digest.hex)
        }
        guard fchmodat(shelf.descriptor, digest.hex, 0o444, 0) == 0 else { throw SystemFailure.last("cannot change the mode of", shelf.location) }
    }

    /// Links the blob as `name` into `folder`; false where the two are on different file systems.
    func link(_ digest: Digest, into folder: OpenFile, as name: String) throws(HubError) -> Bool {
        let shelf = try shelf(digest)
        if linkat(shelf.descriptor, digest.hex, folder.descriptor, name, 0) == 0 { return true }
        guard [EXDEV, EPERM, EMLINK, ENOTSUP].contains(errno) else { throw SystemFailure.last("cannot link into", folder.location) }
        return false
    }
}

extension OpenFile {
    /// Fills this empty file with the bytes of another: by sharing them where the file system
    /// can, else by copying.
    func copy(from source: OpenFile) throws(HubError) {
        if clinux_clone(descriptor, source.descriptor) == 0 { return }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: HashFiles.block, alignment: 16)
        defer { buffer.deallocate() }
        var offset: Int64 = 0
        while true {
            let count = try source.read(into: buffer, at: offset)
            if count == 0 { return }
            try write(UnsafeRawBufferPointer(rebasing: buffer[..<count]), at: offset)
            offset += Int64(count)
        }
    }
}

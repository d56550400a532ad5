import API
import Client
import Core
import Foundation
import Testing

@Suite("Pinning and saved logins")
struct PinTests {
    private func manifest(_ pin: String) throws -> (DeployManifest, [UInt8]) {
        let text = """
            apiVersion: grayling/v1
            kind: Deployment
            metadata: {name: chat}
            spec:
              models:
                - as: encoder
                  model: acme/whale
                  \(pin)
            """
        return (try DeployManifest.parse(text), Array(text.utf8))
    }

    @Test("a manifest becomes a lock that reads back, and the same bytes twice")
    func pins() async throws {
        let hub = PretendHub()
        hub.hold([("b", [2]), ("a", [1])])
        let server = try hub.start()
        let session = try Session(server: ServerAddress(parsing: server.address), token: nil)
        let (manifest, bytes) = try manifest("version: 1.0")
        let lock = try await session.pin(manifest, bytes: bytes, progress: ProgressMeter())
        #expect(lock.models[0].files.map(\.path.text) == ["a", "b"])
        #expect(try DeployLock.parse(lock.bytes) == lock)
        #expect(try await session.pin(manifest, bytes: bytes, progress: ProgressMeter()).digest == lock.digest)

        // And what it pinned can be pulled; another manifest under that commit cannot.
        #expect(try await session.files(of: lock.models[0]).lock.files == lock.models[0].files)
        hub.hold([("a", [7])])
        let error = await #expect(throws: HubError.self) { try await session.files(of: lock.models[0]) }
        #expect(error?.code == .digestMismatch)
    }

    @Test(
        "a name of another kind, or another digest, is refused",
        arguments: ["alias: main", "version: main", "version: \"1.0\"\n      digest: sha256:\(String(repeating: "0", count: 64))"])
    func refuses(_ pin: String) async throws {
        let hub = PretendHub()
        hub.hold([("a", [1])])
        let server = try hub.start()
        let session = try Session(server: ServerAddress(parsing: server.address), token: nil)
        let (manifest, bytes) = try manifest(pin)
        await #expect(throws: HubError.self) { try await session.pin(manifest, bytes: bytes, progress: ProgressMeter()) }
    }

    @Test("a folder's lock that was edited is refused")
    func editedLock() throws {
        let file = LockedFile(
            path: try FilePath(parsing: "a"), size: 1, digest: try Digest(parsing: String(repeating: "a", count: 64)), isExecutable: false)
        let lock = try FolderLock(
            repo: RepoName(parsing: "acme/whale"), commit: GitID(parsing: PretendHub.commit), manifest: FolderLock.manifestDigest(of: [file]),
            files: [file])
        #expect(try FolderLock.parse(lock.bytes) == lock)
        let edited = String(decoding: lock.bytes, as: UTF8.self).replacing("\"size\":1", with: "\"size\":2")
        #expect(throws: HubError.self) { try FolderLock.parse(Array(edited.utf8)) }
    }

    @Test("saved logins are for their owner's eyes, and found again by server")
    func credentials() throws {
        let folder = try TestFolder()
        let location = Credentials.standardLocation(environment: ["XDG_CONFIG_HOME": folder.path])
        let one = try ServerAddress(parsing: "http://127.0.0.1:7070/")
        var saved = try Credentials(at: location)
        try saved.save("hf_one", for: one)
        let read = try Credentials(at: location)
        #expect(read.token(for: try ServerAddress(parsing: "http://127.0.0.1:7070")) == "hf_one")
        #expect(read.last == "http://127.0.0.1:7070")
        let mode = try FileManager.default.attributesOfItem(atPath: location)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(try saved.forget(one) && !saved.forget(one))
        #expect(try Credentials(at: location).token(for: one) == nil)
    }
}

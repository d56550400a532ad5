import Core
import Foundation
import Glibc
import Release
import Testing

@testable import Fleet

@Suite("a model server cannot alter the store", .enabled(if: Fleet.canConfine)) struct ConfinementTests {
    /// Ways to change a file or its place; each says how it went, or is missing from the answer where it worked.
    private static let attacks = #"""
        import ctypes, os, shutil, signal, stat
        libc = ctypes.CDLL(None, use_errno=True)
        def call(name, *arguments):
            if getattr(libc, name)(*arguments) < 0: raise OSError(ctypes.get_errno(), name)
        def write(path, mode): open(path, mode).write("altered")
        def reopen(path):
            file = os.open(path, os.O_RDONLY)
            os.write(os.open("/proc/self/fd/%d" % file, os.O_WRONLY), b"altered")
        def through_link(path):
            os.symlink(path, "link"); write("link", "w")
        def hard_link(path):
            os.link(path, "hard"); write("hard", "w")
        def chmod_and_write(path):
            try: os.chmod(path, 0o666)
            finally: write(path, "w")
        def mapped(path):
            import mmap
            with open(path, "r+b") as file: mmap.mmap(file.fileno(), 0)[0:1] = b"A"
        def unshared(path):
            call("unshare", 0x10000000 | 0x00020000); call("mount", b"none", os.path.dirname(path).encode(), None, 32 | 4096, None); write(path, "w")
        def unmount(path): call("umount2", data.encode(), 2)
        def xattr(path): os.setxattr(path, "user.altered", b"1")
        def device(path):
            os.mknod("disk", stat.S_IFBLK | 0o600, os.stat(path).st_dev); os.open("disk", os.O_RDWR)
        ways = {
            "open": lambda p: write(p, "w"), "append": lambda p: write(p, "a"), "update": lambda p: write(p, "r+"),
            "truncate": lambda p: os.truncate(p, 0), "unlink": os.unlink, "rename": lambda p: os.rename(p, "stolen"),
            "replace": lambda p: (write("mine", "w"), os.replace("mine", p)), "reopen": reopen, "through link": through_link, "hard link": hard_link,
            "chmod and write": chmod_and_write, "mapped": mapped, "beside": lambda p: write(p + ".new", "w"), "folder": lambda p: os.mkdir(p + ".d"),
            "move the folder": lambda p: os.rename(os.path.dirname(p), "folder"), "remove the tree": lambda p: shutil.rmtree(os.path.dirname(p)),
            "mount": unshared, "unmount": unmount, "device": device,
            "chmod": lambda p: os.chmod(p, 0), "touch": lambda p: os.utime(p, (1, 1)), "chown": lambda p: os.chown(p, 1, 1), "xattr": xattr,
        }
        found = {}
        for path in paths:
            for name, way in ways.items():
                for left in ("link", "hard", "mine", "disk"):
                    if os.path.lexists(left): os.unlink(left)
                try: way(path)
                except OSError as error: found[path + ": " + name] = error.strerror
        """#

    private func run(_ stage: Stage, _ order: BackendOrder, _ code: String) async throws -> String {
        let lines = code.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\n")
        let body = String(decoding: try JSONEncoder().encode(["code": lines]), as: UTF8.self)
        return try await stage.ask(stage.serving(order).first, "/run", body)
    }

    private func quoted(_ paths: [String]) throws -> String {
        String(decoding: try JSONEncoder().encode(paths), as: UTF8.self).replacing("\\/", with: "/")
    }

    @Test("no way of changing a file works on the model, the blob it shares its bytes with, the catalog or the fleet's own notes")
    func store() async throws {
        try await Stage.with { stage in
            let fleet = try stage.fleet()
            let file = try stage.addBlob("the weights")
            let other = try stage.addBlob("somebody else's weights")
            let catalog = stage.data + "/catalog.sqlite"
            try "rows".write(toFile: catalog, atomically: false, encoding: .utf8)
            let order = try stage.order(files: [file])
            await fleet.start(order)
            await stage.untilServing(order)
            let folder = "\(try #require(Files.real(stage.fleetFolder)))/\(order.backend.hex)"
            let model = "\(folder)/model/weights/model.bin"
            var facts = [stat(), stat()]
            #expect(stat(model, &facts[0]) == 0 && stat(stage.blob(file), &facts[1]) == 0)
            #expect(facts[0].st_ino == facts[1].st_ino, "they share their bytes")
            let paths = [model, stage.blob(file), stage.blob(other), catalog, "\(folder)/slots/0/replica.json", "\(folder)/slots/0/log"]
            let before = paths.dropLast().map { Files.read($0) }
            let code = "paths = \(try quoted(paths))\ndata = \(try quoted([stage.data]))[0]\n" + Self.attacks
            let answer = try JSONDecoder().decode([String: String].self, from: Data(try await run(stage, order, code).utf8))
            for path in paths {
                let refused = answer.filter { $0.key.hasPrefix(path + ": ") }
                #expect(refused.count == 23, "these worked on \(path): every way but \(refused.keys.sorted())")
            }
            #expect(paths.dropLast().map { Files.read($0) } == before)
            for path in paths { #expect(Files.kind(path) == S_IFREG) }
            var after = stat()
            #expect(stat(stage.blob(file), &after) == 0)
            #expect(after.st_ino == facts[1].st_ino && after.st_size == facts[1].st_size && after.st_mtim.tv_sec == facts[1].st_mtim.tv_sec)
            #expect(after.st_mode == facts[1].st_mode && after.st_uid == facts[1].st_uid)
            #expect(Set(Files.names(in: stage.blobs)) == [file.digest.hex, other.digest.hex])
            await fleet.stopAll(keep: false)
        }
    }

    @Test("the same ways do change a file that is nobody's: the attempts are real")
    func control() async throws {
        try await Stage.with { stage in
            let fleet = try stage.fleet()
            let order = try stage.order()
            await fleet.start(order)
            await stage.untilServing(order)
            let free = stage.root + "/free"
            try Files.makeFolders(free)
            // Made after the start, beside the protected folder: not allowed by name, and so not writable.
            _ = try await run(stage, order, "open('\(free)/late', 'w').write('x')\nfound = 1")
            #expect(Files.names(in: free) == [])
            await fleet.stopAll(keep: false)

            let again = try stage.fleet()
            await again.start(order)
            await stage.until("it serves again") { stage.serving(order).count == 1 && stage.isRunning(stage.pid(order)) }
            let code = """
                import os
                for path in ("\(free)/file", "own", "/dev/shm/grayling-test-\(getpid())"):
                    open(path, "w").write("x"); os.truncate(path, 0); os.chmod(path, 0o600); os.rename(path, path + ".2"); os.unlink(path + ".2")
                open("/dev/null", "w").write("x")
                os.symlink("a", "b"); os.mkdir("d"); os.rename("b", "d/b")
                open("\(free)/left", "w").write("altered")
                found = "done"
                """
            #expect(try await run(stage, order, code) == "done")
            #expect(Files.names(in: free) == ["left"])
            await again.stopAll(keep: false)
        }
    }

    @Test("it cannot end, stop or look into processes outside")
    func processes() async throws {
        try await Stage.with { stage in
            let fleet = try stage.fleet()
            let order = try stage.order()
            await fleet.start(order)
            await stage.untilServing(order)
            let code = """
                import ctypes, os, signal
                libc = ctypes.CDLL(None, use_errno=True)
                found = {}
                def attempt(name, body):
                    try: body(); found[name] = "worked"
                    except OSError as error: found[name] = error.strerror
                def ptrace():
                    if libc.ptrace(16, \(getpid()), 0, 0) < 0: raise OSError(ctypes.get_errno(), "ptrace")
                attempt("ptrace", ptrace)
                attempt("memory", lambda: open("/proc/\(getpid())/mem", "r+b"))
                attempt("environment", lambda: open("/proc/\(getpid())/environ").read())
                attempt("descriptors", lambda: os.readlink("/proc/\(getpid())/fd/0"))
                attempt("root", lambda: os.listdir("/proc/\(getpid())/root/tmp"))
                attempt("itself", lambda: os.kill(os.getpid(), 0))
                \(hasSignalScope ? "attempt('signal', lambda: os.kill(\(getpid()), signal.SIGCONT))" : "")
                """
            var expected = ["ptrace", "memory", "environment", "descriptors", "root"] + (hasSignalScope ? ["signal"] : [])
            let answer = try JSONDecoder().decode([String: String].self, from: Data(try await run(stage, order, code).utf8))
            #expect(answer["itself"] == "worked")
            for (name, outcome) in answer where name != "itself" {
                #expect(outcome != "worked", "\(name)")
                expected.removeAll { $0 == name }
            }
            #expect(expected == [])
            await fleet.stopAll(keep: false)
        }
    }

    private var hasSignalScope: Bool { Confinement.version >= 6 }

    @Test("around a protected folder, everything beside the way to it stays writable")
    func around() throws {
        let root = FileManager.default.temporaryDirectory.path + "/walls-\(UUID().uuidString.prefix(8))"
        defer { #expect(throws: Never.self) { try Files.removeTree(root) } }
        for folder in ["a/data/fleet", "a/beside", "b", "scratch"] { try Files.makeFolders("\(root)/\(folder)") }
        symlink("\(root)/a/data", "\(root)/link")
        let walls = Confinement(protect: ["\(root)/link", "\(root)/a/data/fleet"], writable: [root, root + "/a/data/fleet", root + "/missing"])
        #expect(walls.protected == ["\(root)/a/data"])
        let allowed = walls.allowed(scratch: "\(root)/a/data/fleet/s").filter { $0.hasPrefix(root) }
        #expect(Set(allowed) == ["\(root)/a/data/fleet/s", "\(root)/a/beside", "\(root)/b", "\(root)/scratch"])
        #expect(!walls.allowed(scratch: "/s").contains { $0 == "/tmp" || $0 == "/" || $0 == "/dev" || $0 == "/dev/mem" })
    }
}
